//! `window.fetch`, replaced by a stub that records each request and responds as told. It is restored on drop.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use gloo_timers::future::sleep;
use js_sys::{Array, Date, Function, Promise, Reflect, TypeError};
use leptos::prelude::window;
use serde_json::Value;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{AbortSignal, Request, RequestCache, RequestRedirect, Response, ResponseInit};

use crate::fixtures::until;

/// The stub.
pub struct Network {
    calls: Rc<RefCell<Vec<Call>>>,
    original: JsValue,
    _fetch: Closure<dyn Fn(Request) -> Promise>,
}

/// A request that was sent.
#[derive(Clone, Debug)]
pub struct Call {
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
    pub signal: AbortSignal,
    pub keepalive: bool,
    pub redirect: RequestRedirect,
    pub cache: RequestCache,
}

/// How the network responds.
pub enum Reply {
    Response(u16, String),
    /// The same, a tenth of a second later.
    Late(u16, String),
    /// A response without a body, by a server whose clock shows this time, in seconds since 1970.
    At(u64),
    /// The promise is rejected with a `TypeError`.
    Unreachable,
    /// No response arrives. The promise is rejected when the request is aborted.
    Silence,
}

impl Reply {
    pub fn json(status: u16, body: Value) -> Self {
        Self::Response(status, body.to_string())
    }
}

impl Network {
    /// Replaces `window.fetch`.
    pub fn new(reply: impl Fn(&Call) -> Reply + 'static) -> Self {
        let calls = Rc::new(RefCell::new(Vec::new()));
        let log = Rc::clone(&calls);
        let reply = Rc::new(reply);
        let fetch = Closure::new(move |request: Request| {
            let log = Rc::clone(&log);
            let reply = Rc::clone(&reply);
            future_to_promise(async move {
                let call = Call::read(&request).await;
                log.borrow_mut().push(call.clone());
                match reply(&call) {
                    Reply::Response(status, body) => Ok(response(status, &body).into()),
                    Reply::Late(status, body) => {
                        sleep(Duration::from_millis(100)).await;
                        Ok(response(status, &body).into())
                    }
                    Reply::At(time) => Ok(response_at(time).into()),
                    Reply::Unreachable => Err(TypeError::new("Failed to fetch").into()),
                    Reply::Silence => JsFuture::from(aborted(&call.signal)).await,
                }
            })
        });
        let original = Reflect::get(&window(), &"fetch".into()).unwrap();
        Reflect::set(&window(), &"fetch".into(), fetch.as_ref()).unwrap();
        Self {
            calls,
            original,
            _fetch: fetch,
        }
    }

    /// A network that responds to nothing but requests for the pool's keys, of which there are none.
    pub fn quiet() -> Self {
        Self::new(|call| match call.url.ends_with("/.well-known/jwks.json") {
            true => Reply::json(200, serde_json::json!({ "keys": [] })),
            false => Reply::Unreachable,
        })
    }

    /// The requests so far whose URL contains this text.
    pub fn calls(&self, url: &str) -> Vec<Call> {
        let calls = self.calls.borrow();
        calls
            .iter()
            .filter(|call| call.url.contains(url))
            .cloned()
            .collect()
    }

    /// Waits until this many such requests have been sent.
    pub async fn until_called(&self, url: &str, times: usize) {
        until(|| self.calls(url).len() >= times).await;
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        Reflect::set(&window(), &"fetch".into(), &self.original).unwrap();
    }
}

impl Call {
    async fn read(request: &Request) -> Self {
        let entries = Array::from(request.headers().entries().as_ref());
        let text = |pair: &JsValue, index| {
            let value = pair.unchecked_ref::<Array>().get(index);
            value.as_string().unwrap()
        };
        let body = JsFuture::from(request.text().unwrap()).await.unwrap();
        Self {
            method: request.method(),
            url: request.url(),
            headers: entries
                .iter()
                .map(|pair| (text(&pair, 0), text(&pair, 1)))
                .collect(),
            body: body.as_string().unwrap(),
            signal: request.signal(),
            // web-sys does not have it.
            keepalive: Reflect::get(request, &"keepalive".into()).unwrap() == true,
            redirect: request.redirect(),
            cache: request.cache(),
        }
    }

    /// A header's value. `name` is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let header = headers.find(|(header, _)| header == name);
        header.map(|(_, value)| value.as_str())
    }
}

fn response(status: u16, body: &str) -> Response {
    let init = ResponseInit::new();
    init.set_status(status);
    // A response with status 204 cannot have a body.
    let body = (!body.is_empty()).then_some(body);
    Response::new_with_opt_str_and_init(body, &init).unwrap()
}

fn response_at(time: u64) -> Response {
    let date = Date::new(&(time as f64 * 1000.0).into());
    let date = String::from(date.to_utc_string());
    let response = response(200, "");
    response.headers().set("date", &date).unwrap();
    response
}

/// A promise that is rejected when the signal is aborted.
fn aborted(signal: &AbortSignal) -> Promise {
    let signal = signal.clone();
    Promise::new(&mut |_, reject: Function| {
        let reason = TypeError::new("aborted");
        if signal.aborted() {
            let _ = reject.call1(&JsValue::NULL, &reason);
        } else {
            signal.set_onabort(Some(&reject));
        }
    })
}
