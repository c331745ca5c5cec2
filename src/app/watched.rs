//! Values that change, and what is drawn of them: nodes of Leptos' reactive graph, so that its views and effects follow
//! these values as they follow its signals. Its own signals and effects lie in an arena with owners and know each other
//! by hash tables, which what lives as long as the page does not need: 5 KB for every visitor.

use std::mem;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};

use leptos::reactive::graph::{
    AnySource, AnySubscriber, Observer, ReactiveNode, Subscriber, WithObserver,
};
use send_wrapper::SendWrapper;

use crate::browser::task;

/// A value, and who has read it since it changed.
pub(super) struct Watched<T> {
    value: RwLock<T>,
    readers: Mutex<Vec<AnySubscriber>>,
}

impl<T> Watched<T> {
    pub(super) fn new(value: T) -> Self {
        Self {
            value: RwLock::new(value),
            readers: Mutex::default(),
        }
    }

    /// Reads the value, now and, in an effect, whenever it changes.
    pub(super) fn with<U>(&self, read: impl FnOnce(&T) -> U) -> U {
        if let Some(reader) = Observer::get() {
            let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
            if !readers.contains(&reader) {
                readers.push(reader);
            }
        }
        self.with_untracked(read)
    }

    /// Reads the value once.
    pub(super) fn with_untracked<U>(&self, read: impl FnOnce(&T) -> U) -> U {
        read(&self.value.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the value.
    pub(super) fn update(&self, change: impl FnOnce(&mut T)) {
        change(&mut self.value.write().unwrap_or_else(PoisonError::into_inner));
        tell(&self.readers);
    }
}

/// Tells the readers of a change. Whoever wants to hear of the next one reads again.
fn tell(readers: &Mutex<Vec<AnySubscriber>>) {
    let readers = mem::take(&mut *readers.lock().unwrap_or_else(PoisonError::into_inner));
    for reader in readers {
        reader.mark_dirty();
    }
}

/// Draws now, and again whenever something has changed that was read while drawing.
pub(super) fn keep_drawn(draw: impl FnMut() + 'static) {
    let drawing = Arc::new_cyclic(|this| Drawing {
        draw: SendWrapper::new(Mutex::new(Box::new(draw))),
        is_due: AtomicBool::new(true),
        this: Weak::clone(this),
    });
    drawing.draw();
    // As long as the page.
    mem::forget(drawing);
}

struct Drawing {
    draw: SendWrapper<Mutex<Box<dyn FnMut()>>>,
    is_due: AtomicBool,
    this: Weak<Self>,
}

impl Drawing {
    fn draw(&self) {
        if self.is_due.swap(false, Relaxed) {
            let mut draw = self.draw.lock().unwrap_or_else(PoisonError::into_inner);
            let place = std::ptr::from_ref(self) as usize;
            AnySubscriber(place, self.this.clone()).with_observer(&mut **draw);
        }
    }
}

impl ReactiveNode for Drawing {
    fn mark_dirty(&self) {
        // Once for all that changes in one turn.
        if !self.is_due.swap(true, Relaxed) {
            let this = self.this.clone();
            task::spawn(async move {
                if let Some(drawing) = this.upgrade() {
                    drawing.draw();
                }
            });
        }
    }

    fn mark_check(&self) {
        self.mark_dirty();
    }

    fn mark_subscribers_check(&self) {}

    fn update_if_necessary(&self) -> bool {
        false
    }
}

/// It leaves no source before that changes.
impl Subscriber for Drawing {
    fn add_source(&self, _: AnySource) {}

    fn clear_sources(&self, _: &AnySubscriber) {}
}
