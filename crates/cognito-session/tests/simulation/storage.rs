//! The browser's storage: one `localStorage` for all tabs, which another process may see late, and a `sessionStorage` for each
//! tab. It can be full or blocked.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use cognito_session::{Event, StorageArea, StorageError};

use crate::tab::Page;
use crate::weather::StorageEvents;
use crate::world::World;

/// A storage of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Store {
    Local,
    Session(usize),
}

#[derive(Default)]
pub struct Storage {
    /// The writes of each key, the newest last.
    records: RefCell<BTreeMap<Store, Records>>,
    /// When the last write of each tab is seen by other processes. They see them in order.
    visible_at: RefCell<BTreeMap<usize, u64>>,
    /// The size that cannot be exceeded, in bytes.
    quotas: RefCell<BTreeMap<Store, usize>>,
}

/// A few keys, so a search in order is the fastest.
#[derive(Default)]
struct Records(Vec<(String, Vec<Write>)>);

struct Write {
    value: Option<String>,
    at: u64,
    tab: usize,
    /// When other processes see it.
    visible_at: u64,
}

/// How many writes of a key are remembered, for processes that have not seen the newest.
const REMEMBERED: usize = 6;

impl Storage {
    /// The value that is really stored, whoever has seen it.
    pub fn value(&self, store: Store, key: &str) -> Option<String> {
        let records = self.records.borrow();
        records.get(&store)?.get(key)?.last()?.value.clone()
    }

    /// When a value that is still stored was written.
    pub fn written_at(&self, store: Store, key: &str) -> Option<u64> {
        let records = self.records.borrow();
        let last = records.get(&store)?.get(key)?.last()?;
        last.value.as_ref().map(|_| last.at)
    }

    /// The keys and values that are really stored.
    pub fn all(&self, store: Store) -> Vec<(String, String)> {
        let records = self.records.borrow();
        let of_store = records.get(&store).into_iter().flat_map(|it| &it.0);
        of_store
            .filter_map(|(key, writes)| Some((key.clone(), writes.last()?.value.clone()?)))
            .collect()
    }

    fn size(&self, store: Store) -> usize {
        let all = self.all(store).into_iter();
        all.map(|(key, value)| key.len() + value.len()).sum()
    }

    /// From now on, no more than this many bytes fit in.
    pub fn fill(&self, store: Store, room: usize) {
        let quota = self.size(store) + room;
        self.quotas.borrow_mut().insert(store, quota);
    }

    pub fn make_room(&self) {
        self.quotas.borrow_mut().clear();
    }

    pub fn is_full(&self) -> bool {
        !self.quotas.borrow().is_empty()
    }

    fn fits(&self, store: Store, key: &str, value: &str) -> bool {
        let Some(quota) = self.quotas.borrow().get(&store).copied() else {
            return true;
        };
        let size = self.size(store);
        let old = self.value(store, key);
        let old = old.map_or(0, |old| key.len() + old.len());
        let new = key.len() + value.len();
        new <= old || size - old + new <= quota
    }

    /// Stores a value as something other than the app, which is seen at once.
    pub fn overwrite(&self, now: u64, store: Store, key: &str, value: Option<String>) {
        let write = Write {
            value,
            at: now,
            tab: usize::MAX,
            visible_at: now,
        };
        self.push(store, key, write);
    }

    fn push(&self, store: Store, key: &str, write: Write) {
        let mut records = self.records.borrow_mut();
        let records = records.entry(store).or_default();
        if write.visible_at > write.at {
            let writes = records.entry(key);
            if writes.len() == REMEMBERED {
                writes.remove(0);
            }
            writes.push(write);
        } else if write.value.is_some() {
            // Everyone sees it, so the writes before are forgotten.
            let writes = records.entry(key);
            writes.clear();
            writes.push(write);
        } else {
            records.0.retain(|(it, _)| it != key);
        }
    }
}

impl Records {
    fn get(&self, key: &str) -> Option<&[Write]> {
        let found = self.0.iter().find(|(it, _)| it == key)?;
        Some(&found.1)
    }

    fn entry(&mut self, key: &str) -> &mut Vec<Write> {
        let position = self.0.iter().position(|(it, _)| it == key);
        let position = position.unwrap_or_else(|| {
            self.0.push((key.to_owned(), Vec::new()));
            self.0.len() - 1
        });
        &mut self.0[position].1
    }
}

impl Write {
    fn is_seen_by(&self, page: &Page, now: u64) -> bool {
        self.tab == page.tab || self.visible_at <= now || self.at <= page.loaded_at
    }
}

impl World {
    fn store_of(page: &Page, area: StorageArea) -> Store {
        match area {
            StorageArea::Local => Store::Local,
            StorageArea::Session => Store::Session(page.tab),
        }
    }

    fn is_blocked(&self, area: StorageArea) -> bool {
        self.weather.get().blocked == Some(area)
    }

    pub fn stored(&self, page: &Page, area: StorageArea, key: &str) -> Option<String> {
        if self.is_blocked(area) {
            return None;
        }
        let records = self.storage.records.borrow();
        let writes = records.get(&Self::store_of(page, area))?.get(key)?;
        let now = self.now();
        let seen = writes.iter().rev().find(|it| it.is_seen_by(page, now))?;
        seen.value.clone()
    }

    pub fn stored_keys(&self, page: &Page, area: StorageArea, prefix: &str) -> Vec<String> {
        let store = Self::store_of(page, area);
        let keys: Vec<String> = match self.storage.records.borrow().get(&store) {
            None => Vec::new(),
            Some(records) => {
                let keys = records.0.iter().map(|(key, _)| key);
                keys.filter(|key| key.starts_with(prefix))
                    .cloned()
                    .collect()
            }
        };
        let exists = |key: &String| self.stored(page, area, key).is_some();
        keys.into_iter().filter(exists).collect()
    }

    pub fn store(
        self: &Rc<Self>,
        page: &Rc<Page>,
        area: StorageArea,
        key: &str,
        value: &str,
    ) -> Result<(), StorageError> {
        let store = Self::store_of(page, area);
        if self.is_blocked(area) || !self.storage.fits(store, key, value) {
            self.cover("a value is not stored");
            self.note_of(page, || format!("cannot store {}", short_key(key)));
            self.ledger.storage_failed(self, page, store, key, value);
            return Err(StorageError);
        }
        self.write(page, store, key, Some(value.to_owned()));
        Ok(())
    }

    pub fn unstore(self: &Rc<Self>, page: &Rc<Page>, area: StorageArea, key: &str) {
        if !self.is_blocked(area) && self.stored(page, area, key).is_some() {
            self.write(page, Self::store_of(page, area), key, None);
        }
    }

    fn write(self: &Rc<Self>, page: &Rc<Page>, store: Store, key: &str, value: Option<String>) {
        let is_same = self.storage.value(store, key) == value;
        if is_same && self.weather.get().storage_lag == 0 {
            return;
        }
        self.note_of(page, || match &value {
            Some(value) => format!("stores {} = {}", short_key(key), self.brief(value)),
            None => format!("removes {}", short_key(key)),
        });
        let lag = match self.weather.get().storage_lag {
            0 => 0,
            most => self.rng.below(most),
        };
        let now = self.now();
        let mut visible_at = self.storage.visible_at.borrow_mut();
        let visible_at = visible_at.entry(page.tab).or_default();
        *visible_at = (now + lag).max(*visible_at);
        let write = Write {
            value,
            at: now,
            tab: page.tab,
            visible_at: *visible_at,
        };
        self.storage.push(store, key, write);
        self.ledger.storage_changed(store, key);
        if store == Store::Local {
            self.tell_tabs(page, lag);
        }
        self.provoke(2);
    }

    /// Sends the `storage` event to the other tabs.
    fn tell_tabs(self: &Rc<Self>, writer: &Page, lag: u64) {
        let delay = match self.weather.get().storage_events {
            StorageEvents::Never => return,
            StorageEvents::Soon => lag + self.rng.below(20),
            StorageEvents::Late => lag + self.rng.pick(&[0, 50, 1_000, 10_000, 30_000]),
        };
        for page in self.pages_running() {
            if page.tab != writer.tab {
                self.later(delay, move |world| world.tell(&page, Event::Tick));
            }
        }
    }
}

/// A storage key without its prefix.
pub fn short_key(key: &str) -> &str {
    key.strip_prefix("cognito-spa.").unwrap_or(key)
}
