//! What travels between the servers and clients of a group.

use super::ReplyOf;
use crate::protocol::{CommandOf, Protocol, Refused};

/// What travels between processes: replicas' messages `G`, commands `C`, replies `R`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Wire<G, C, R> {
    /// From server to server.
    Peer(G),
    /// From a client.
    Request(Request<C>),
    /// To a client.
    Response(Response<R>),
}

/// What travels between the servers and clients of a protocol.
pub type WireOf<P> = Wire<<P as Protocol>::Message, CommandOf<P>, ReplyOf<P>>;

/// A client asks for something.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Request<C> {
    /// What the response will carry, so that the client knows which call it answers.
    pub tag: u64,
    /// What is to be done.
    pub command: C,
    /// It may be answered without the log, if it changes nothing.
    pub read: bool,
}

/// A server's answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Response<R> {
    /// The request's tag.
    pub tag: u64,
    /// The reply, or why there is none.
    pub result: Result<R, Refusal>,
}

/// Why there is no reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// Nothing was done.
    Refused(Refused),
    /// The server lost its leadership, or another entry took the slot: what became of the command
    /// is not known here.
    Dropped,
}
