//! The network between the pages and the servers: it delays, loses, repeats, and lets servers answer nonsense. What a request
//! means for the invariants is known once a page has received its answer.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use cognito_session::{HttpError, HttpRequest, HttpResponse, Method};
use futures::channel::oneshot;

use crate::cognito::{API, APP_CLOCK, Cognito, DOMAIN, Effect, ISSUER, Reply, ask_of, parameter};
use crate::tab::Page;
use crate::world::{EPOCH, World};

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Exchange,
    /// With the index of the refresh token.
    Refresh(usize),
    Revoke(usize),
    UserInfo,
    Keys,
    Time,
    /// With the number of the user's request.
    Api(usize),
    Unknown,
}

/// What has become of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    InFlight,
    /// The page has the answer.
    Received(u16, Effect),
    /// The page knows that there is none.
    Failed,
    /// The page has died, or does not wait for the answer anymore.
    Dropped,
}

/// A request that was sent.
pub struct Exchange {
    pub page: Rc<Page>,
    pub kind: Kind,
    pub sent_at: u64,
    pub ended_at: Cell<u64>,
    pub outcome: Cell<Outcome>,
    /// Whether the server has processed it.
    pub is_processed: Cell<bool>,
    keepalive: bool,
}

#[derive(Default)]
pub struct Network {
    pub exchanges: RefCell<Vec<Rc<Exchange>>>,
    pub is_down: Cell<bool>,
}

type Received = Result<(HttpResponse, Effect), HttpError>;

/// The answer to a request. Dropping it aborts the request.
pub struct Answer {
    world: Rc<World>,
    exchange: Rc<Exchange>,
    receiver: oneshot::Receiver<Received>,
}

/// What the network does with a request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Good,
    RequestLost,
    ResponseLost,
    /// The server fails before it does anything, or after it.
    FailsBefore(u16),
    FailsAfter(u16),
    /// Something on the way answers instead of the server, or spoils its answer.
    Nonsense,
    Truncated,
    Repeated,
}

impl Kind {
    fn of(request: &HttpRequest) -> Self {
        let body = request.body.as_deref().unwrap_or_default();
        let refresh_token = |name| {
            let token = parameter(body, name);
            token
                .and_then(|token| Cognito::refresh_token_index(&token))
                .unwrap_or(usize::MAX)
        };
        let at_cognito = request.url.strip_prefix(DOMAIN);
        match (&request.method, at_cognito) {
            (&Method::POST, Some("/oauth2/token")) if body.contains("grant_type=refresh_token") => {
                Self::Refresh(refresh_token("refresh_token"))
            }
            (&Method::POST, Some("/oauth2/token")) => Self::Exchange,
            (&Method::POST, Some("/oauth2/revoke")) => Self::Revoke(refresh_token("token")),
            (&Method::GET, Some("/oauth2/userInfo")) => Self::UserInfo,
            (&Method::GET, None) if request.url.starts_with(ISSUER) => Self::Keys,
            (_, None) if request.url == APP_CLOCK => Self::Time,
            (_, None) if request.url.starts_with(API) => {
                ask_of(request).map_or(Self::Unknown, Self::Api)
            }
            _ => Self::Unknown,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Exchange => "POST /oauth2/token (code)",
            Self::Refresh(_) => "POST /oauth2/token (refresh)",
            Self::Revoke(_) => "POST /oauth2/revoke",
            Self::UserInfo => "GET /oauth2/userInfo",
            Self::Keys => "GET /.well-known/jwks.json",
            Self::Time => "the question for the time",
            Self::Api(_) => "the API request",
            Self::Unknown => "an unknown request",
        }
    }
}

impl Exchange {
    fn describe(&self) -> String {
        let name = self.kind.name();
        match self.kind {
            Kind::Refresh(token) | Kind::Revoke(token) => format!("{name} of refresh-{token}"),
            Kind::Api(ask) => format!("{name} {ask}"),
            _ => name.to_owned(),
        }
    }

    fn end(&self, world: &World, outcome: Outcome) {
        self.outcome.set(outcome);
        self.ended_at.set(world.now());
    }
}

impl Future for Answer {
    type Output = Result<HttpResponse, HttpError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Poll::Ready(received) = Pin::new(&mut self.receiver).poll(context) else {
            return Poll::Pending;
        };
        let world = Rc::clone(&self.world);
        Poll::Ready(match received {
            Ok(Ok((response, effect))) => {
                self.exchange
                    .end(&world, Outcome::Received(response.status, effect));
                world.ledger.received(&world, &self.exchange, effect);
                Ok(response)
            }
            Ok(Err(_)) | Err(_) => {
                self.exchange.end(&world, Outcome::Failed);
                Err(HttpError::Unreachable)
            }
        })
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        if self.exchange.outcome.get() == Outcome::InFlight {
            self.exchange.end(&self.world, Outcome::Dropped);
        }
    }
}

impl World {
    /// Sends a request.
    pub fn send(self: &Rc<Self>, page: &Rc<Page>, request: HttpRequest) -> Answer {
        let kind = Kind::of(&request);
        let exchange = Rc::new(Exchange {
            page: Rc::clone(page),
            kind,
            sent_at: self.now(),
            ended_at: Cell::new(0),
            outcome: Cell::new(Outcome::InFlight),
            is_processed: Cell::new(false),
            keepalive: request.keepalive,
        });
        self.note_of(page, || format!("sends {}", exchange.describe()));
        self.ledger.sent(self, &exchange, &request);
        self.network
            .exchanges
            .borrow_mut()
            .push(Rc::clone(&exchange));
        if matches!(kind, Kind::Refresh(_) | Kind::Exchange | Kind::Time) {
            self.provoke(8);
        }
        let (answer, receiver) = oneshot::channel();
        self.transmit(&exchange, request, answer);
        Answer {
            world: Rc::clone(self),
            exchange,
            receiver,
        }
    }

    fn transmit(
        self: &Rc<Self>,
        exchange: &Rc<Exchange>,
        request: HttpRequest,
        answer: oneshot::Sender<Received>,
    ) {
        // Whichever comes first: the answer or the timeout.
        let answer = Rc::new(RefCell::new(Some(answer)));
        let timeout = u64::from(request.timeout);
        let fate = self.fate();
        let fails_at_once = fate == Fate::RequestLost && self.rng.percent(50);
        if self.is_down() && self.rng.percent(80) || fails_at_once {
            let delay = self.rng.between(1, 300);
            return self.fail(exchange, &answer, delay);
        }
        self.fail(exchange, &answer, timeout);
        let there = self.latency();
        let exchange = Rc::clone(exchange);
        self.later(there, move |world| {
            world.arrive(&exchange, request, &answer, fate)
        });
    }

    fn fate(&self) -> Fate {
        let weather = self.weather.get();
        let rng = &self.rng;
        if rng.percent(weather.faults.losses) {
            return rng.pick(&[Fate::RequestLost, Fate::ResponseLost, Fate::ResponseLost]);
        }
        if rng.percent(weather.faults.errors) {
            return rng.pick(&[
                Fate::FailsBefore(500),
                Fate::FailsBefore(503),
                Fate::FailsBefore(429),
                Fate::FailsAfter(502),
                Fate::FailsAfter(504),
                Fate::Nonsense,
                Fate::Truncated,
            ]);
        }
        if rng.percent(weather.faults.repeats) {
            Fate::Repeated
        } else {
            Fate::Good
        }
    }

    fn latency(&self) -> u64 {
        if self.rng.percent(self.weather.get().faults.slowness) {
            let most = self.rng.pick(&[2_000, 5_000, 40_000]);
            self.rng.below(most)
        } else {
            self.rng.between(5, 200)
        }
    }

    fn fail(
        self: &Rc<Self>,
        exchange: &Rc<Exchange>,
        answer: &Rc<RefCell<Option<oneshot::Sender<Received>>>>,
        delay: u64,
    ) {
        let exchange = Rc::clone(exchange);
        let answer = Rc::clone(answer);
        self.later(delay, move |world| {
            if answer.borrow().is_none() {
                return;
            }
            let failed = Rc::clone(&exchange);
            world.to_page(&exchange.page, move |world, page| {
                if let Some(answer) = answer.take()
                    && !answer.is_canceled()
                {
                    world.note_of(page, || format!("gets no answer to {}", failed.describe()));
                    let _ = answer.send(Err(HttpError::Unreachable));
                }
            });
        });
    }

    /// The request reaches the server, or does not.
    fn arrive(
        self: &Rc<Self>,
        exchange: &Rc<Exchange>,
        request: HttpRequest,
        answer: &Rc<RefCell<Option<oneshot::Sender<Received>>>>,
        fate: Fate,
    ) {
        // An aborted request may have been sent already.
        let is_aborted = exchange.outcome.get() == Outcome::Dropped;
        let is_stopped = is_aborted && !exchange.keepalive && self.rng.percent(50);
        if fate == Fate::RequestLost || self.is_down() || is_stopped {
            self.note_of(&exchange.page, || {
                format!("network: {} is lost", exchange.describe())
            });
            if self.is_down() && self.rng.percent(80) {
                self.fail(exchange, answer, 10);
            }
            return;
        }
        let fails = |status| Reply::new(status, r#"{"message":"try again later"}"#);
        let reply = match fate {
            Fate::FailsBefore(status) => fails(status),
            Fate::Nonsense => Reply::new(200, "<html>Please accept our terms</html>"),
            Fate::FailsAfter(status) => {
                self.process(exchange, &request);
                fails(status)
            }
            Fate::Truncated => {
                let mut reply = self.process(exchange, &request);
                reply.body.truncate(reply.body.len() / 2);
                if reply.status != 401 {
                    reply.effect = Effect::None;
                }
                // The time is in a header.
                if exchange.kind == Kind::Time {
                    fails(502)
                } else {
                    reply
                }
            }
            Fate::Repeated => {
                self.note_of(&exchange.page, || {
                    format!("network: {} is repeated", exchange.describe())
                });
                self.process(exchange, &request);
                self.process(exchange, &request)
            }
            _ => self.process(exchange, &request),
        };
        if matches!(exchange.kind, Kind::Refresh(_)) && fate == Fate::ResponseLost {
            self.cover("the answer to a refresh is lost");
        }
        let exchange = Rc::clone(exchange);
        let answer = Rc::clone(answer);
        let back = self.latency();
        if fate == Fate::ResponseLost {
            let lost = || format!("network: the answer to {} is lost", exchange.describe());
            self.note_of(&exchange.page, lost);
            if self.rng.percent(50) {
                self.fail(&exchange, &answer, back);
            }
            return;
        }
        self.later(back, move |world| {
            world.come_back(&exchange, &answer, reply)
        });
    }

    /// The answer reaches the page, or does not.
    fn come_back(
        self: &Rc<Self>,
        exchange: &Rc<Exchange>,
        answer: &Rc<RefCell<Option<oneshot::Sender<Received>>>>,
        reply: Reply,
    ) {
        if self.is_down() {
            self.note_of(&exchange.page, || {
                format!("network: the answer to {} is lost", exchange.describe())
            });
            return self.fail(exchange, answer, 10);
        }
        let answer = Rc::clone(answer);
        let received = Rc::clone(exchange);
        self.to_page(&exchange.page, move |world, page| {
            let Some(answer) = answer.take().filter(|it| !it.is_canceled()) else {
                return;
            };
            world.note_of(page, || {
                let text = format!("gets {} for {}", reply.status, received.describe());
                if reply.status == 400 {
                    format!("{text}: {}", reply.body)
                } else {
                    text
                }
            });
            let response = HttpResponse {
                status: reply.status,
                body: reply.body,
            };
            let _ = answer.send(Ok((response, reply.effect)));
        });
    }

    fn process(&self, exchange: &Exchange, request: &HttpRequest) -> Reply {
        exchange.is_processed.set(true);
        let body = request.body.as_deref().unwrap_or_default();
        let authorization = crate::cognito::header(request, "Authorization").unwrap_or_default();
        match exchange.kind {
            Kind::Exchange | Kind::Refresh(_) => self.token_endpoint(body),
            Kind::Revoke(_) => self.revoke(body),
            Kind::UserInfo => self.user_info(authorization),
            Kind::Keys => self.keys(request),
            Kind::Time => {
                let time = EPOCH + self.now() / 1000 - self.weather.get().server_delay;
                Reply::new(200, time.to_string())
            }
            Kind::Api(_) => self.api(request),
            Kind::Unknown => Reply::new(404, ""),
        }
    }

    /// Whether nothing gets through: the network is down, or the computer sleeps.
    pub fn is_down(&self) -> bool {
        self.network.is_down.get() || self.is_asleep.get()
    }

    /// What the browser believes.
    pub fn says_online(&self) -> bool {
        !self.weather.get().tells_online || !self.network.is_down.get()
    }
}
