//! A signal between the tabs of this origin, whatever storage they use.

use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use web_sys::BroadcastChannel;

/// Listens to the signal of this name until it is dropped.
pub struct Listener {
    channel: BroadcastChannel,
    _on_message: Closure<dyn Fn()>,
}

impl Listener {
    /// Calls `on_signal` each time another tab sends the signal. Returns `None` if the browser does not support this.
    pub fn new(name: &str, on_signal: impl Fn() + 'static) -> Option<Self> {
        let channel = BroadcastChannel::new(name).ok()?;
        let on_message = Closure::<dyn Fn()>::new(on_signal);
        channel.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        Some(Self {
            channel,
            _on_message: on_message,
        })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.channel.close();
    }
}

/// Sends the signal to the other tabs. A listener in this tab hears it, too.
pub fn signal(name: &str) {
    // Without a channel, the other tabs notice nothing; the sign-out goes on in this one.
    if let Ok(channel) = BroadcastChannel::new(name) {
        let _ = channel.post_message(&JsValue::NULL);
        channel.close();
    }
}
