//! A client: `officer.get("/v1/tips").send().await.expect(200)`.

use std::rc::Rc;

use actix_web::http::{Method, StatusCode, header::HeaderMap};
use actix_web::test::TestRequest;
use serde_json::Value;

use super::Serve;

/// A caller with or without a token.
#[derive(Clone)]
pub struct Client {
    serve: Rc<Serve>,
    token: Option<String>,
}

impl Client {
    pub(super) fn new(serve: Rc<Serve>, token: Option<String>) -> Self {
        Self { serve, token }
    }

    /// The same caller with this raw token.
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            serve: self.serve.clone(),
            token: Some(token.to_owned()),
        }
    }

    pub fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path)
    }

    pub fn post(&self, path: &str) -> Call {
        self.call(Method::POST, path)
    }

    pub fn put(&self, path: &str) -> Call {
        self.call(Method::PUT, path)
    }

    pub fn patch(&self, path: &str) -> Call {
        self.call(Method::PATCH, path)
    }

    pub fn delete(&self, path: &str) -> Call {
        self.call(Method::DELETE, path)
    }

    pub fn call(&self, method: Method, path: &str) -> Call {
        let mut request = TestRequest::with_uri(path)
            .method(method)
            .peer_addr("198.51.100.7:4711".parse().unwrap());
        if let Some(token) = &self.token {
            request = request.insert_header(("Authorization", format!("Bearer {token}")));
        }
        Call {
            serve: self.serve.clone(),
            request,
            path: path.to_owned(),
        }
    }
}

/// A request being put together.
pub struct Call {
    serve: Rc<Serve>,
    request: TestRequest,
    path: String,
}

impl Call {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.insert_header((name, value));
        self
    }

    /// A header beside one of the same name.
    pub fn another_header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.append_header((name, value));
        self
    }

    pub fn json(mut self, body: &Value) -> Self {
        self.request = self.request.set_json(body);
        self
    }

    pub fn body(mut self, content_type: &str, body: impl Into<actix_web::web::Bytes>) -> Self {
        self.request = self
            .request
            .insert_header(("Content-Type", content_type))
            .set_payload(body.into());
        self
    }

    /// The body as it comes, for endless answers.
    pub async fn stream(self) -> impl futures_util::Stream<Item = actix_web::web::Bytes> + Unpin {
        let response = (self.serve)(self.request.to_request()).await;
        assert_eq!(response.status().as_u16(), 200);
        let mut body = response.into_body();
        Box::pin(futures_util::stream::poll_fn(move |context| {
            let body = std::pin::Pin::new(&mut body);
            actix_web::body::MessageBody::poll_next(body, context)
                .map(|piece| piece.map(|bytes| bytes.map_err(|_why| "broken").unwrap()))
        }))
    }

    pub async fn send(self) -> Reply {
        let response = (self.serve)(self.request.to_request()).await;
        let (status, headers) = (response.status(), response.headers().clone());
        let endless = headers
            .get("content-type")
            .is_some_and(|kind| kind == "text/event-stream");
        if endless {
            return Reply {
                status,
                headers,
                bytes: Vec::new(),
                path: self.path,
            };
        }
        let bytes = actix_web::body::to_bytes(response.into_body())
            .await
            .map_err(|_why| "the body broke off")
            .unwrap();
        Reply {
            status,
            headers,
            bytes: bytes.to_vec(),
            path: self.path,
        }
    }
}

/// An answer.
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
    path: String,
}

impl Reply {
    /// The JSON body (null where there is none), once the status is the one expected.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(
            self.status.as_u16(),
            status,
            "{}: {}",
            self.path,
            self.text()
        );
        serde_json::from_slice(&self.bytes).unwrap_or_default()
    }

    /// The problem's code, once status and shape are right.
    #[track_caller]
    pub fn problem(&self, status: u16) -> Value {
        let body = self.expect(status);
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{}",
            self.path
        );
        assert_eq!(body["status"], status);
        assert!(
            body["request_id"].is_string() && body["type"].is_string(),
            "{body}"
        );
        assert!(!body["instance"].as_str().unwrap().contains('?'), "{body}");
        body
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// A header's value, empty where it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
    }
}
