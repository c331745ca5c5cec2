//! The tasks of one page. They run in the order in which they were woken, as microtasks do, one poll at a time; which page runs
//! next is the world's choice. Closing drops all of them, wherever they are.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

type Task = Pin<Box<dyn Future<Output = ()>>>;

#[derive(Default)]
pub struct Tasks {
    tasks: RefCell<Vec<Option<Task>>>,
    wakers: RefCell<Vec<Arc<TaskWaker>>>,
    woken: Arc<Mutex<VecDeque<usize>>>,
    is_closed: Cell<bool>,
}

struct TaskWaker {
    woken: Arc<Mutex<VecDeque<usize>>>,
    task: usize,
    is_woken: AtomicBool,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        if !self.is_woken.swap(true, Ordering::Relaxed) {
            self.woken.lock().unwrap().push_back(self.task);
        }
    }
}

impl Tasks {
    /// Adds a task, and returns its number.
    pub fn spawn(&self, task: impl Future<Output = ()> + 'static) -> usize {
        if self.is_closed.get() {
            return usize::MAX;
        }
        let mut tasks = self.tasks.borrow_mut();
        let number = tasks.len();
        tasks.push(Some(Box::pin(task)));
        let waker = Arc::new(TaskWaker {
            woken: Arc::clone(&self.woken),
            task: number,
            is_woken: AtomicBool::new(false),
        });
        self.wakers.borrow_mut().push(Arc::clone(&waker));
        waker.wake();
        number
    }

    pub fn can_run(&self) -> bool {
        !self.woken.lock().unwrap().is_empty()
    }

    /// Polls the next task that was woken. The world must not be borrowed.
    pub fn run_one(&self) {
        let Some(number) = self.woken.lock().unwrap().pop_front() else {
            return;
        };
        let waker = Arc::clone(&self.wakers.borrow()[number]);
        waker.is_woken.store(false, Ordering::Relaxed);
        let Some(mut task) = self.tasks.borrow_mut()[number].take() else {
            return;
        };
        let waker = Waker::from(waker);
        let polled = task.as_mut().poll(&mut Context::from_waker(&waker));
        // The page may have been closed meanwhile.
        if polled == Poll::Pending && !self.is_closed.get() {
            self.tasks.borrow_mut()[number] = Some(task);
        }
    }

    /// Drops one task, as when the component that waits for it is removed.
    pub fn abort(&self, number: usize) {
        let task = self
            .tasks
            .borrow_mut()
            .get_mut(number)
            .and_then(Option::take);
        drop(task);
    }

    /// Drops all tasks.
    pub fn close(&self) {
        self.is_closed.set(true);
        self.woken.lock().unwrap().clear();
        // Dropping a task can release a lock or wake another task, so nothing is borrowed.
        let tasks = self.tasks.take();
        drop(tasks);
        self.woken.lock().unwrap().clear();
    }
}
