//! What happens around the page, as events for the client.

use std::rc::Rc;

use gloo_events::EventListener;
use gloo_timers::callback::Interval;
use web_sys::VisibilityState;

use super::callback::has_callback;
use super::channel::Channel;
use super::{Browser, document, location, window};
use crate::SessionClient;
use crate::platform::Event;

/// The listeners and the timer of [`listen`]. They are removed on drop.
#[derive(Debug)]
#[must_use = "they are removed on drop"]
pub struct Listeners {
    _interval: Interval,
    _events: [EventListener; 7],
    channel: Channel,
}

/// Who hears of the events, and the channel for messages.
struct Listener {
    handle: Box<dyn Fn(Event)>,
    channel: Channel,
    channel_name: String,
}

/// Tells the client what happens around the page, until the result is dropped.
pub fn listen(client: &SessionClient<Browser>) -> Listeners {
    let channel = client.platform().channel.clone();
    let name = client.channel();
    let client = client.clone();
    Listeners::add(channel, name, move |event| client.handle(event))
}

impl Listeners {
    /// Adds the listeners.
    pub(super) fn add(
        channel: Channel,
        channel_name: String,
        handle: impl Fn(Event) + 'static,
    ) -> Self {
        /// In milliseconds. There is no timer for the end of the session, because timers stop while the computer sleeps.
        const INTERVAL: u32 = 5_000;
        let listener = Rc::new(Listener {
            handle: Box::new(handle),
            channel: channel.clone(),
            channel_name,
        });
        listener.open_channel();

        let window = window();
        let on = |name, react: fn(&Rc<Listener>)| {
            let listener = Rc::clone(&listener);
            EventListener::new(&window, name, move |_| react(&listener))
        };
        let events = [
            // Another tab has changed the storage.
            on("storage", |it| it.hear(Event::Tick)),
            on("visibilitychange", |it| {
                if is_visible() {
                    it.hear(Event::Visible);
                }
            }),
            on("pagehide", |it| {
                it.hear(Event::PageHide);
                // An open channel can keep the page out of the back/forward cache.
                it.channel.close();
            }),
            on("pageshow", |it| {
                it.open_channel();
                it.hear(Event::PageShow);
            }),
            on("online", |it| it.hear(Event::Online)),
            on("offline", |it| it.hear(Event::Offline)),
            // If only the fragment changes, as when the user pastes a response into the address bar, the browser does not
            // reload.
            on("hashchange", |_| {
                if has_callback() {
                    location::reload();
                }
            }),
        ];
        Self {
            _interval: Interval::new(INTERVAL, move || listener.hear(Event::Tick)),
            _events: events,
            channel,
        }
    }
}

impl Drop for Listeners {
    fn drop(&mut self) {
        self.channel.close();
    }
}

impl Listener {
    fn hear(&self, event: Event) {
        (self.handle)(event);
    }

    fn open_channel(self: &Rc<Self>) {
        let listener = Rc::clone(self);
        self.channel.open(&self.channel_name, move |message| {
            listener.hear(Event::Message(message));
        });
    }
}

fn is_visible() -> bool {
    document().is_some_and(|document| document.visibility_state() == VisibilityState::Visible)
}
