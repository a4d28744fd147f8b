//! Bodies that nobody reads to their end.
//!
//! A request may be refused before its body is read. Of a body with `Content-Length` the server then reads on
//! for a moment, so that the sender sees the answer, and closes. Of a chunked body that was let go it would read
//! on for ever, as long as the sender keeps the connection (actix-http 3.20, `h1/dispatcher.rs`,
//! `should_close_for_unread_payload`). So such a body is held until the answer is sent: then it counts as unread,
//! the answer says `Connection: close`, and the connection ends like any other.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::HttpMessage;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::web::Bytes;
use futures_util::{Stream, StreamExt};

/// A body that is shared between who reads it and who waits for the answer.
#[derive(Clone)]
struct Shared(Rc<RefCell<Source>>);

struct Source {
    payload: Payload,
    ended: bool,
}

impl Stream for Shared {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut source = self.0.borrow_mut();
        let next = source.payload.poll_next_unpin(cx);
        if matches!(next, Poll::Ready(None)) {
            source.ended = true;
        }
        next
    }
}

/// A chunked body that is held.
pub struct Held(Shared);

/// Holds the body of a request, if it is chunked.
pub fn hold(request: &mut ServiceRequest) -> Option<Held> {
    if !request.headers().contains_key(header::TRANSFER_ENCODING) {
        return None;
    }
    let shared = Shared(Rc::new(RefCell::new(Source {
        payload: request.take_payload(),
        ended: false,
    })));
    request.set_payload(Payload::Stream {
        payload: Box::pin(shared.clone()),
    });
    Some(Held(shared))
}

impl Held {
    /// Keeps what was not read until the answer is sent.
    pub fn until_sent(self, response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
        if self.0.0.borrow().ended {
            return response;
        }
        response.map_body(|_, body| BoxBody::new(Holding { body, _held: self }))
    }
}

/// The body of an answer that holds the body of its request.
struct Holding {
    body: BoxBody,
    _held: Held,
}

impl MessageBody for Holding {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_next(cx)
    }
}
