//! (E) The API client: requests with the user's token and JSON bodies.

use cognito_session::cognito_hosted_ui::json;
use cognito_session::{ApiError, Method};
use futures::channel::oneshot;
use futures::future::{Either, FutureExt, LocalBoxFuture, Shared, select};
use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::auth::{Auth, use_auth};

/// Calls the API of [`AuthConfig::api`](crate::AuthConfig::api) with the signed-in user's token; see [`use_api`].
///
/// - The client attaches the token, and first refreshes a session that is about to expire.
/// - After a 401, it refreshes the session once and repeats the request once. If the API rejects the token again, the session
///   ends.
/// - Requests are aborted when the component that called [`use_api`] is removed, or when the request's future is dropped.
/// - If the user changes during a request, its response is discarded.
#[derive(Clone, Copy, Debug)]
pub struct ApiClient {
    auth: Auth,
    /// Resolves when the component is removed.
    removed: StoredValue<Shared<oneshot::Receiver<()>>>,
}

/// A request that is being built; see [`ApiClient::request`].
#[must_use = "`send` sends the request"]
#[derive(Debug)]
pub struct ApiRequest {
    client: ApiClient,
    request: cognito_session::ApiRequest,
    /// Why the body cannot be serialized.
    error: Option<ApiError>,
}

/// A response that is on its way. It borrows nothing, so it fits `LocalResource`, `Action::new_local` and `spawn_local`.
pub type ApiResponse<T> = LocalBoxFuture<'static, Result<T, ApiError>>;

/// The API client for this component. Call it in the component's body.
///
/// ```
/// # use leptos::prelude::*;
/// # use leptos_cognito::{ApiError, Method, use_api};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Clone, Deserialize)]
/// struct Order { id: u32, item: String }
///
/// #[derive(Serialize)]
/// struct NewOrder { item: String }
///
/// #[component]
/// fn Orders() -> impl IntoView {
///     let api = use_api();
///     let orders = LocalResource::new(move || api.get::<Vec<Order>>("/orders"));
///     let order_tea = Action::new_local(move |_: &()| async move {
///         let tea = NewOrder { item: "Tea".to_owned() };
///         let order: Order = api.post("/orders", &tea).await?;
///         let order: Order = api
///             .request(Method::PATCH, &format!("/orders/{}", order.id))
///             .header("If-Match", "\"1\"")
///             .json(&NewOrder { item: "Green tea".to_owned() })
///             .send()
///             .await?;
///         orders.refetch();
///         Ok::<_, ApiError>(order.id)
///     });
///     view! { <button on:click=move |_| { order_tea.dispatch(()); }>"Order tea"</button> }
/// }
/// ```
///
/// # Panics
/// Outside of an [`AuthProvider`](crate::AuthProvider).
#[track_caller]
#[must_use]
pub fn use_api() -> ApiClient {
    let auth = use_auth();
    let (remove, removed) = oneshot::channel();
    on_cleanup(move || drop(remove));
    ApiClient {
        auth,
        removed: StoredValue::new(removed.shared()),
    }
}

impl ApiClient {
    /// Sends a GET request. `path` starts with `/` and is appended to the API's URL.
    ///
    /// # Errors
    /// [`ApiError`], one variant for each cause. The other methods return the same errors.
    pub fn get<T: DeserializeOwned + 'static>(self, path: &str) -> ApiResponse<T> {
        self.request(Method::GET, path).send()
    }

    /// Sends a POST request with a JSON body.
    pub fn post<T: DeserializeOwned + 'static>(
        self,
        path: &str,
        body: &(impl Serialize + ?Sized),
    ) -> ApiResponse<T> {
        self.request(Method::POST, path).json(body).send()
    }

    /// Sends a PUT request with a JSON body.
    pub fn put<T: DeserializeOwned + 'static>(
        self,
        path: &str,
        body: &(impl Serialize + ?Sized),
    ) -> ApiResponse<T> {
        self.request(Method::PUT, path).json(body).send()
    }

    /// Sends a PATCH request with a JSON body.
    pub fn patch<T: DeserializeOwned + 'static>(
        self,
        path: &str,
        body: &(impl Serialize + ?Sized),
    ) -> ApiResponse<T> {
        self.request(Method::PATCH, path).json(body).send()
    }

    /// Sends a DELETE request. If the response has no body, use `()` as `T`.
    pub fn delete<T: DeserializeOwned + 'static>(self, path: &str) -> ApiResponse<T> {
        self.request(Method::DELETE, path).send()
    }

    /// Creates a request with any method, for custom headers.
    pub fn request(self, method: Method, path: &str) -> ApiRequest {
        ApiRequest {
            client: self,
            request: cognito_session::ApiRequest {
                method,
                path: path.to_owned(),
                headers: Vec::new(),
                body: None,
            },
            error: None,
        }
    }
}

impl ApiRequest {
    /// Sets a header. The client sets `Authorization` itself.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let header = (name.to_owned(), value.to_owned());
        self.request.headers.push(header);
        self
    }

    /// Sets a JSON body. If it cannot be serialized, [`send`](Self::send) returns [`ApiError::InvalidRequest`].
    pub fn json(mut self, body: &(impl Serialize + ?Sized)) -> Self {
        match serde_json::to_string(body) {
            Ok(json) => self.request.body = Some(json),
            Err(error) => self.error = Some(ApiError::InvalidRequest(error.to_string())),
        }
        self.header("Content-Type", "application/json")
    }

    /// Sends the request and reads the response's JSON. An empty body is read as `null`.
    ///
    /// # Errors
    /// [`ApiError`], one variant for each cause.
    pub fn send<T: DeserializeOwned + 'static>(self) -> ApiResponse<T> {
        let text = self.send_for_text();
        Box::pin(async {
            let body = text.await?;
            let json = if body.is_empty() { "null" } else { &body };
            let value = json::from_str(json);
            value.map_err(|error| ApiError::InvalidResponse(error.to_string()))
        })
    }

    /// Sends the request and returns the response's body as text.
    ///
    /// # Errors
    /// [`ApiError`]
    pub fn send_for_text(self) -> ApiResponse<String> {
        let Self {
            client: ApiClient { auth, removed },
            request,
            error,
        } = self;
        // Both are gone when the component is.
        let alive = auth.client().zip(removed.try_get_value());
        Box::pin(async move {
            let (client, removed) = alive.ok_or(ApiError::Aborted)?;
            if let Some(error) = error {
                return Err(error);
            }
            let response = Box::pin(client.request(&request));
            // In this order: a response must not reach a component that is gone.
            match select(removed, response).await {
                Either::Left(_) => Err(ApiError::Aborted),
                Either::Right((response, _)) => response,
            }
        })
    }
}
