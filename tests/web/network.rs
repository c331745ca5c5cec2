//! `window.fetch`, replaced by a stub that records each request and responds as told. It is restored on drop.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Date, Function, Promise, Reflect, TypeError};
use leptos::prelude::window;
use leptos_cognito::base_url;
use serde_json::{Value, json};
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use web_sys::{Request, RequestMode, Response, ResponseInit};

/// The stub.
pub struct Network {
    log: Rc<Log>,
    original: JsValue,
    _fetch: Closure<dyn Fn(Request) -> Promise>,
}

#[derive(Default)]
struct Log {
    calls: RefCell<Vec<Call>>,
    /// What rejects the requests that have no response yet.
    silent: RefCell<Vec<Function>>,
}

/// A request that was sent.
#[derive(Clone, Debug)]
pub struct Call {
    pub url: String,
    pub authorization: Option<String>,
    /// Whether the page may read no response (`no-cors`).
    pub is_opaque: bool,
}

/// How the network responds.
pub enum Reply {
    /// The status, the body, and the headers.
    Response(u16, String, Vec<(&'static str, String)>),
    /// The promise is rejected.
    Unreachable,
    /// No response arrives while the stub is there.
    Silence,
}

/// A response without headers.
pub fn reply(status: u16, body: impl ToString) -> Reply {
    Reply::Response(status, body.to_string(), Vec::new())
}

impl Network {
    /// Replaces `window.fetch`.
    pub fn new(respond: impl Fn(&Call) -> Reply + 'static) -> Self {
        let log = Rc::new(Log::default());
        let calls = Rc::clone(&log);
        let fetch = Closure::new(move |request: Request| {
            let call = Call {
                url: request.url(),
                authorization: request.headers().get("authorization").unwrap(),
                is_opaque: request.mode() == RequestMode::NoCors,
            };
            let response = respond(&call);
            calls.calls.borrow_mut().push(call);
            match response {
                Reply::Response(status, body, headers) => {
                    let response = to_response(status, &body, &headers);
                    Promise::resolve(&JsValue::from(response))
                }
                Reply::Unreachable => Promise::reject(&TypeError::new("Failed to fetch")),
                Reply::Silence => Promise::new(&mut |_, reject| {
                    calls.silent.borrow_mut().push(reject);
                }),
            }
        });
        let original = Reflect::get(&window(), &"fetch".into()).unwrap();
        Reflect::set(&window(), &"fetch".into(), fetch.as_ref()).unwrap();
        Self {
            log,
            original,
            _fetch: fetch,
        }
    }

    /// A network with the API and a user pool that has no keys. The API responds with this status and this body.
    pub fn with_api(status: u16, body: impl ToString) -> Self {
        let body = body.to_string();
        Self::with(move || reply(status, &body))
    }

    /// A network with the API and a user pool that has no keys. The API responds as told. The app's server has the same time as
    /// this device.
    pub fn with(api: impl Fn() -> Reply + 'static) -> Self {
        Self::new(move |call| match &call.url {
            url if url.ends_with("/hiUsers") => api(),
            url if url.ends_with("/jwks.json") => reply(200, json!({ "keys": [] })),
            url if *url == base_url() => {
                let date = String::from(Date::new(&Date::now().into()).to_utc_string());
                Reply::Response(200, String::new(), vec![("date", date)])
            }
            _ => Reply::Unreachable,
        })
    }

    /// A network whose API greets Ada.
    pub fn greeting() -> Self {
        Self::with_api(200, greeting())
    }

    /// The requests so far whose URL contains this text.
    pub fn calls(&self, url: &str) -> Vec<Call> {
        let calls = self.log.calls.borrow();
        let calls = calls.iter().filter(|call| call.url.contains(url));
        calls.cloned().collect()
    }
}

/// The API's response for Ada.
pub fn greeting() -> Value {
    json!({ "message": "Hi, ada@example.com!" })
}

impl Drop for Network {
    fn drop(&mut self) {
        Reflect::set(&window(), &"fetch".into(), &self.original).unwrap();
        // A refresh holds its lock until it has a response.
        for reject in self.log.silent.take() {
            let _ = reject.call1(&JsValue::NULL, &TypeError::new("Failed to fetch"));
        }
    }
}

fn to_response(status: u16, body: &str, headers: &[(&str, String)]) -> Response {
    let init = ResponseInit::new();
    init.set_status(status);
    let response = Response::new_with_opt_str_and_init(Some(body), &init).unwrap();
    for (name, value) in headers {
        response.headers().set(name, value).unwrap();
    }
    response
}
