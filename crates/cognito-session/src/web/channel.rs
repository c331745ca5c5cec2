//! Messages between the tabs of this origin.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::{BroadcastChannel, MessageEvent};

/// The channel that this page listens to, if it does at the moment.
#[derive(Clone, Debug, Default)]
pub struct Channel(Rc<RefCell<Option<OpenChannel>>>);

/// It is closed on drop.
#[derive(Debug)]
struct OpenChannel {
    raw: BroadcastChannel,
    _listener: EventListener,
}

impl Channel {
    /// Listens to the channel of this name, unless this page listens to one already.
    pub fn open(&self, name: &str, react: impl Fn(String) + 'static) {
        if self.0.borrow().is_some() {
            return;
        }
        // It fails only in an opaque origin. Other tabs then learn of changes by the storage.
        let Ok(raw) = BroadcastChannel::new(name) else {
            return;
        };
        let listener = EventListener::new(&raw, "message", move |event| {
            let message = event.dyn_ref().map(MessageEvent::data);
            if let Some(text) = message.and_then(|message| message.as_string()) {
                react(text);
            }
        });
        let open = OpenChannel {
            raw,
            _listener: listener,
        };
        self.0.replace(Some(open));
    }

    /// Ceases to listen.
    pub fn close(&self) {
        // The channel is dropped once nothing is borrowed.
        drop(self.0.take());
    }

    /// Sends a message to the other tabs that listen to the channel of this name.
    pub fn post(&self, name: &str, message: &str) {
        let open = self.0.borrow();
        // By the object that listens, because any other one would send the message to this page, too.
        let own = open.as_ref().map(|open| &open.raw);
        if let Some(own) = own.filter(|own| own.name() == name) {
            // It fails only if the channel is closed.
            let _ = own.post_message(&message.into());
        } else if let Ok(other) = BroadcastChannel::new(name) {
            let _ = other.post_message(&message.into());
            other.close();
        }
    }
}

impl Drop for OpenChannel {
    fn drop(&mut self) {
        self.raw.close();
    }
}
