//! Work that goes on beside what the page does.

use std::pin::Pin;
use std::task::{Context, Waker};

use wasm_bindgen_futures::spawn_local;

/// Begins this work when all that is at work now has come to its next pause.
pub fn spawn(work: impl Future<Output = ()> + 'static) {
    start(Box::pin(work));
}

/// Begins this work now, and goes on with it beside what the page does.
pub fn begin(work: impl Future<Output = ()> + 'static) {
    let mut work: Pin<Box<dyn Future<Output = ()>>> = Box::pin(work);
    // Whoever wakes nobody now wakes the work itself when it is looked at again, which is soon.
    let mut nobody = Context::from_waker(Waker::noop());
    if work.as_mut().poll(&mut nobody).is_pending() {
        start(work);
    }
}

/// Not generic: each further copy would be downloaded by everybody.
#[inline(never)]
fn start(work: Pin<Box<dyn Future<Output = ()>>>) {
    spawn_local(work);
}
