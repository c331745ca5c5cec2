//! What is sent to the network, what its answers mean, and when a request is aborted.

use std::cell::RefCell;
use std::rc::Rc;

use futures::future::{Either, select};
use http::Method;
use js_sys::{Function, Reflect};
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_test::wasm_bindgen_test as test;
use web_sys::{Request, RequestCache, RequestRedirect};

use super::Replaced;
use crate::platform::{HttpCache, HttpError, HttpRequest, Platform};
use crate::web::{Browser, base_url, clock, server_time, window};

/// `window.fetch`, replaced by a function that records each request. It is restored on drop.
struct Network {
    requests: Rc<RefCell<Vec<Request>>>,
    _replaced: Replaced,
    _fetch: Closure<dyn Fn(Request) -> JsValue>,
}

/// A response, to which a test adds what it needs.
const RESPONSE: &str = "return Promise.resolve(new Response('Tea', { status: 404 }))";

/// A server that never responds.
const SILENCE: &str = "return new Promise((_, reject) => {
    request.signal.onabort = () => reject(request.signal.reason);
})";

impl Network {
    /// `reply` is the body of a JavaScript function that gets the `request`.
    fn that(reply: &str) -> Self {
        let reply = Function::new_with_args("request", reply);
        let requests = Rc::new(RefCell::new(Vec::new()));
        let log = Rc::clone(&requests);
        let fetch = Closure::<dyn Fn(Request) -> JsValue>::new(move |request: Request| {
            log.borrow_mut().push(request.clone().unwrap());
            reply.call1(&JsValue::NULL, &request).unwrap()
        });
        Self {
            requests,
            _replaced: Replaced::begin(window(), "fetch", fetch.as_ref()),
            _fetch: fetch,
        }
    }

    /// The only request so far.
    fn request(&self) -> Request {
        let requests = self.requests.borrow();
        assert_eq!(requests.len(), 1);
        requests[0].clone().unwrap()
    }
}

fn get(url: &str) -> HttpRequest {
    HttpRequest::new(Method::GET, url)
}

#[test]
async fn a_request_is_sent_as_it_is() {
    let network = Network::that(RESPONSE);
    let request = HttpRequest::form("https://example.com/a?b=c d", "e=f".to_owned())
        .with_header("X-Name", "1")
        .with_header("X-Name", "2");
    let response = Browser::new().send(request).await.unwrap();
    assert_eq!((response.status, response.body.as_str()), (404, "Tea"));

    let sent = network.request();
    assert_eq!(sent.method(), "POST");
    assert_eq!(sent.url(), "https://example.com/a?b=c%20d");
    let header = |name| sent.headers().get(name).unwrap();
    assert_eq!(header("X-Name").as_deref(), Some("2"));
    let form = Some("application/x-www-form-urlencoded");
    assert_eq!(header("Content-Type").as_deref(), form);
    assert_eq!(sent.redirect(), RequestRedirect::Error);
    assert_eq!(sent.cache(), RequestCache::Default);
    let body = sent.text().unwrap();
    let body = wasm_bindgen_futures::JsFuture::from(body).await.unwrap();
    assert_eq!(body.as_string().as_deref(), Some("e=f"));
}

#[test]
async fn a_request_uses_the_cache_as_it_says() {
    for (cache, expected) in [
        (HttpCache::Default, RequestCache::Default),
        (HttpCache::Reload, RequestCache::Reload),
        (HttpCache::NoStore, RequestCache::NoStore),
    ] {
        let network = Network::that(RESPONSE);
        let mut request = get("/");
        request.cache = cache;
        Browser::new().send(request).await.unwrap();
        assert_eq!(network.request().cache(), expected);
    }
}

#[test]
async fn only_a_request_that_says_so_outlives_the_page() {
    for keepalive in [false, true] {
        let network = Network::that(RESPONSE);
        let mut request = get("/");
        request.keepalive = keepalive;
        Browser::new().send(request).await.unwrap();
        let sent = Reflect::get(&network.request(), &"keepalive".into()).unwrap();
        assert_eq!(sent, JsValue::from(keepalive));
    }
}

#[test]
async fn a_request_is_aborted_with_its_future_unless_it_outlives_the_page() {
    for keepalive in [false, true] {
        let network = Network::that(SILENCE);
        let mut request = get("/");
        request.keepalive = keepalive;
        let browser = Browser::new();
        let sent = Box::pin(browser.send(request));
        let Either::Right(((), sent)) = select(sent, Box::pin(clock::sleep(20))).await else {
            panic!("there is a response");
        };
        let signal = network.request().signal();
        assert!(!signal.aborted());
        drop(sent);
        assert_eq!(signal.aborted(), !keepalive);
    }
}

#[test]
async fn a_response_that_takes_too_long_is_none() {
    for keepalive in [false, true] {
        let _network = Network::that(SILENCE);
        let mut request = get("/");
        request.timeout = 0;
        request.keepalive = keepalive;
        let sent = Browser::new().send(request).await;
        assert_eq!(sent, Err(HttpError::Unreachable));
    }
}

#[test]
async fn a_request_that_the_browser_refuses_is_not_valid() {
    let network = Network::that(RESPONSE);
    let mut with_body = get("/");
    with_body.body = Some("{}".to_owned());
    for request in [
        get("/").with_header("If Match", "1"),
        get("/").with_header("If-Match", "\n1\n2"),
        with_body,
        HttpRequest::new(Method::CONNECT, "/"),
        get("https://"),
    ] {
        let sent = Browser::new().send(request.clone()).await;
        assert!(matches!(sent, Err(HttpError::Invalid(_))), "{request:?}");
    }
    assert!(network.requests.borrow().is_empty());
}

#[test]
async fn the_server_s_time_is_the_date_of_its_response_and_the_age_in_caches() {
    for (headers, time) in [
        ("Date: 'Tue, 14 Nov 2023 22:13:20 GMT'", Some(1_700_000_000)),
        (
            "Date: 'Tue, 14 Nov 2023 22:13:20 GMT', Age: '100'",
            Some(1_700_000_100),
        ),
        ("Date: 'Tue, 14 Nov 2023 22:13:20 GMT', Age: '-1'", None),
        ("Date: 'today'", None),
        ("Age: '100'", None),
        ("", None),
    ] {
        let network = Network::that(&format!(
            "return Promise.resolve(new Response(null, {{ headers: {{ {headers} }} }}))"
        ));
        assert_eq!(server_time().await, time, "{headers}");
        let sent = network.request();
        assert_eq!((sent.method(), sent.url()), ("HEAD".to_owned(), base_url()));
        assert_eq!(sent.cache(), RequestCache::NoStore);
        assert_eq!(sent.redirect(), RequestRedirect::Error);
    }
    let _network = Network::that("return Promise.reject(new TypeError('Failed to fetch'))");
    assert_eq!(server_time().await, None);
}

#[test]
async fn whatever_fetch_is_rejected_with_there_is_no_response() {
    for reply in [
        "return Promise.reject(new TypeError('Failed to fetch'))",
        "return Promise.reject(new DOMException('aborted', 'AbortError'))",
        // Extensions and other scripts wrap `fetch`.
        "return Promise.reject('blocked')",
        "return Promise.reject()",
        "return Promise.resolve()",
        "return Promise.resolve(new Response(new ReadableStream({
            start(controller) { controller.error(new TypeError('Load failed')); }
        })))",
    ] {
        let _network = Network::that(reply);
        let sent = Browser::new().send(get("/")).await;
        assert_eq!(sent, Err(HttpError::Unreachable), "{reply}");
    }
}
