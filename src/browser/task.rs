//! Work that goes on beside what the page does.

use std::pin::Pin;

use wasm_bindgen_futures::spawn_local;

/// Begins this work when all that is at work now has come to its next pause.
pub fn spawn(work: impl Future<Output = ()> + 'static) {
    start(Box::pin(work));
}

/// Not generic: each further copy would be downloaded by everybody.
#[inline(never)]
fn start(work: Pin<Box<dyn Future<Output = ()>>>) {
    spawn_local(work);
}
