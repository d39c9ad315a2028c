//! A client of LNTPay's API. Operations and types are generated from its OpenAPI document; by hand are the key, Idempotency-Keys, and
//! retries that never pay twice.
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! let client = lntpay::connect(lntpay::Options::from_env()?)?;
//! println!("{}", client.get_balance().send().await?.available_sats);
//! # Ok(()) }
//! ```

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue, AUTHORIZATION, RETRY_AFTER};
use reqwest::{Method, Request, Response, StatusCode};

progenitor::generate_api!(spec = "openapi.json", interface = Builder, inner_type = crate::Options, hooks = Expected);

/// The version of the API that this client was generated from, which every request names.
pub const API_VERSION: &str = "2026-11-01";

const IDEMPOTENCY_KEY: &str = "idempotency-key";
const RETRY_AFTER_MAX: Duration = Duration::from_secs(60);
const BACKOFF_MAX: Duration = Duration::from_secs(8);

/// Settings of a client.
#[derive(Clone)]
pub struct Options {
    pub api_key: String,
    pub base_url: String,
    /// Retries of a request without a complete answer; they carry the same Idempotency-Key.
    pub retries: u32,
    /// The limit of each attempt. A request that waits gets 25 seconds more.
    pub timeout: Duration,
    /// The delay before the first retry; it doubles with each.
    pub backoff: Duration,
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

impl Options {
    pub fn new(api_key: impl Into<String>, base_url: impl Into<String>) -> Self {
        let base_url = base_url.into().trim_end_matches('/').to_owned();
        Self { api_key: api_key.into(), base_url, retries: 3, timeout: Duration::from_secs(30), backoff: Duration::from_millis(250) }
    }

    /// LNTPAY_API_KEY, and LNTPAY_BASE_URL or the sandbox of `make run`.
    pub fn from_env() -> Result<Self, std::env::VarError> {
        let base_url = std::env::var("LNTPAY_BASE_URL").unwrap_or_else(|_| "http://127.0.0.1:8402/v1".into());
        Ok(Self::new(std::env::var("LNTPAY_API_KEY")?, base_url))
    }
}

/// Makes a client.
pub fn connect(options: Options) -> Result<Client, Box<dyn std::error::Error + Send + Sync>> {
    let mut bearer = HeaderValue::from_str(&format!("Bearer {}", options.api_key.trim()))?;
    bearer.set_sensitive(true);
    let headers = HeaderMap::from_iter([
        (AUTHORIZATION, bearer),
        (HeaderName::from_static("lntpay-version"), HeaderValue::from_static(API_VERSION)),
    ]);
    let http = reqwest::Client::builder().default_headers(headers).redirect(reqwest::redirect::Policy::none()).build()?;
    Ok(Client::new_with_client(&options.base_url.clone(), http, options))
}

/// An Idempotency-Key. Keep it until the operation has an answer: the same key and body never act twice.
pub fn new_key() -> String {
    uuid::Uuid::new_v4().to_string()
}

impl ClientHooks<Options> for Client {
    async fn exec(&self, mut request: Request, _: &OperationInfo) -> reqwest::Result<Response> {
        let options = self.inner();
        if request.method() == Method::POST && request.headers().get(IDEMPOTENCY_KEY).is_none_or(HeaderValue::is_empty) {
            let key = HeaderValue::from_str(&new_key()).expect("a UUID is a header value");
            request.headers_mut().insert(IDEMPOTENCY_KEY, key);
        }
        let waits = request.url().query_pairs().any(|(name, _)| name == "wait");
        *request.timeout_mut() = Some(options.timeout + if waits { Duration::from_secs(25) } else { Duration::ZERO });
        for attempt in 0.. {
            let sent = request.try_clone().expect("a JSON body is in memory");
            let answer = complete(self.client(), sent).await;
            match delay(&answer, options, attempt) {
                Some(delay) => tokio::time::sleep(delay).await,
                None => return answer,
            }
        }
        unreachable!("the last attempt returns")
    }
}

/// Reads the whole answer, so that one that is cut counts as none.
async fn complete(client: &reqwest::Client, request: Request) -> reqwest::Result<Response> {
    let answer = client.execute(request).await?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let mut whole = http::Response::new(answer.bytes().await?);
    *whole.status_mut() = status;
    *whole.headers_mut() = headers;
    Ok(whole.into())
}

/// The delay before the next attempt; None: there is none.
fn delay(answer: &reqwest::Result<Response>, options: &Options, attempt: u32) -> Option<Duration> {
    if attempt >= options.retries {
        return None;
    }
    let backoff = BACKOFF_MAX.min(options.backoff * 2u32.pow(attempt.min(10)));
    let Ok(answer) = answer else { return Some(backoff) };
    let asked = answer.headers().get(RETRY_AFTER).and_then(|line| line.to_str().ok()?.parse().ok()).map(Duration::from_secs);
    let again = match answer.status() {
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => true,
        StatusCode::CONFLICT => asked.is_some(), // the first request is still running
        status => status.is_server_error(),
    };
    let asked = asked.unwrap_or_default();
    (again && asked <= RETRY_AFTER_MAX).then(|| backoff.max(asked))
}
