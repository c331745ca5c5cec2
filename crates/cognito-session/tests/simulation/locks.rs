//! Web Locks: one tab at a time, in the order in which they ask. The tab that waits first has the patience that it asks for,
//! then takes the lock from the tab that holds it, which may stand still.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::{Rc, Weak};

use futures::channel::oneshot;

use crate::tab::Page;
use crate::world::World;

#[derive(Default)]
pub struct Locks {
    locks: RefCell<BTreeMap<String, Queue>>,
    last: Cell<u64>,
}

#[derive(Default)]
struct Queue {
    /// The number of the request, and the page.
    holder: Option<(u64, Rc<Page>)>,
    waiting: VecDeque<Waiting>,
}

struct Waiting {
    number: u64,
    page: Rc<Page>,
    patience: u32,
    is_first: bool,
    grant: oneshot::Sender<Lock>,
}

/// A lock that is held until it is dropped.
pub struct Lock {
    world: Weak<World>,
    name: String,
    number: u64,
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(world) = self.world.upgrade() {
            world.release(&self.name, self.number);
        }
    }
}

impl Locks {
    /// Whether the page holds a lock or waits for one.
    pub fn involve(&self, page: &Page) -> bool {
        self.locks.borrow().values().any(|queue| {
            let holds = queue
                .holder
                .as_ref()
                .is_some_and(|(_, it)| it.id == page.id);
            let waits = |it: &Waiting| it.page.id == page.id && !it.grant.is_canceled();
            holds || queue.waiting.iter().any(waits)
        })
    }

    pub fn clear(&self) {
        drop(self.locks.take());
    }
}

impl World {
    /// Asks for the lock.
    pub fn request_lock(
        self: &Rc<Self>,
        page: &Rc<Page>,
        name: &str,
        patience: u32,
    ) -> Option<oneshot::Receiver<Lock>> {
        if !self.weather.get().has_locks {
            return None;
        }
        let (grant, granted) = oneshot::channel();
        let number = self.locks.last.get() + 1;
        self.locks.last.set(number);
        let waiting = Waiting {
            number,
            page: Rc::clone(page),
            patience,
            is_first: false,
            grant,
        };
        let mut locks = self.locks.locks.borrow_mut();
        let queue = locks.entry(name.to_owned()).or_default();
        if queue.holder.is_some() {
            self.cover("a tab waits for the lock");
        }
        queue.waiting.push_back(waiting);
        self.consider_later(name);
        Some(granted)
    }

    fn consider_later(self: &Rc<Self>, name: &str) {
        let name = name.to_owned();
        self.later(self.rng.below(3), move |world| world.consider(&name));
    }

    /// Grants the lock if it is free, or else starts the first waiter's patience.
    fn consider(self: &Rc<Self>, name: &str) {
        let mut locks = self.locks.locks.borrow_mut();
        let Some(queue) = locks.get_mut(name) else {
            return;
        };
        queue.waiting.retain(|it| !it.grant.is_canceled());
        if queue.holder.is_none() {
            let granted = queue
                .waiting
                .pop_front()
                .map(|first| self.grant(queue, name, first));
            drop(locks);
            if let Some((page, deliver)) = granted {
                self.to_page(&page, deliver);
            }
            return;
        }
        let Some(first) = queue.waiting.front_mut().filter(|it| !it.is_first) else {
            return;
        };
        first.is_first = true;
        let number = first.number;
        let page = Rc::clone(&first.page);
        let name = name.to_owned();
        self.later(u64::from(first.patience), move |world| {
            world.to_page(&page, move |world, _| world.steal(&name, number));
        });
    }

    fn grant(
        self: &Rc<Self>,
        queue: &mut Queue,
        name: &str,
        first: Waiting,
    ) -> (Rc<Page>, impl FnOnce(&Rc<Self>, &Rc<Page>) + 'static) {
        if self.weather.get().suspends && self.rng.percent(15) {
            self.stand_still_later(&first.page);
        }
        queue.holder = Some((first.number, Rc::clone(&first.page)));
        let lock = Lock {
            world: Rc::downgrade(self),
            name: name.to_owned(),
            number: first.number,
        };
        // If no one waits for it anymore, dropping it releases it.
        let deliver = move |_: &Rc<Self>, _: &Rc<Page>| drop(first.grant.send(lock));
        (first.page, deliver)
    }

    /// The browser stops a tab that has the lock, longer than others have patience.
    fn stand_still_later(self: &Rc<Self>, page: &Page) {
        let tab = self.tab(page.tab);
        self.later(self.rng.below(300), move |world| {
            if !world.is_calm() && tab.is_open.get() {
                world.suspend(&tab);
                let delay = world.rng.between(60_000, 120_000);
                world.later(delay, move |world| world.resume(&tab));
            }
        });
    }

    /// The first waiter has lost its patience.
    fn steal(self: &Rc<Self>, name: &str, number: u64) {
        let mut locks = self.locks.locks.borrow_mut();
        let Some(queue) = locks.get_mut(name) else {
            return;
        };
        let is_first = queue.waiting.front().is_some_and(|it| it.number == number);
        if !is_first {
            return;
        }
        let Some(first) = queue.waiting.pop_front() else {
            return;
        };
        let (page, deliver) = self.grant(queue, name, first);
        drop(locks);
        self.cover("a lock is stolen");
        self.note_of(&page, || {
            "takes the lock from the tab that holds it".to_owned()
        });
        deliver(self, &page);
        self.consider_later(name);
    }

    fn release(self: &Rc<Self>, name: &str, number: u64) {
        let mut locks = self.locks.locks.borrow_mut();
        if let Some(queue) = locks.get_mut(name) {
            // Unless another tab has taken it.
            if queue.holder.as_ref().is_some_and(|(it, _)| *it == number) {
                queue.holder = None;
                self.consider_later(name);
            }
        }
    }
}
