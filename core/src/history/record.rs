//! A recorded history: calls with as much about their ends as was written down.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{History, What};
use crate::id::{NodeId, Serial};
use crate::kv::{Command, Reply};
use crate::order;
use crate::sorted::Sorted;

/// A recorded history: calls, in the order in which they began.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The calls.
    pub calls: Vec<Call>,
    /// What those who called are.
    pub callers: Callers,
}

/// What those who called are, for sentences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Callers {
    /// Processes, as recorded histories call them.
    #[default]
    Processes,
    /// The clients of a run, numbered from 1.
    Clients,
}

/// One call of one process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Who called. A process has one call open at a time.
    pub process: u64,
    /// What was asked.
    pub command: Command,
    /// When it began.
    pub called: Spot,
    /// When it ended, and how; none: it never did.
    pub returned: Option<(Spot, Outcome)>,
}

/// A place in a history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spot {
    /// Among all beginnings and ends, from 0: the order that counts.
    pub position: u64,
    /// Nanoseconds since the start, if that was written down.
    pub nanos: Option<u64>,
    /// The line of the file, from 1; 0 if it came from no file.
    pub line: u32,
}

/// How a call ended, as far as it was written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// With this reply.
    Replied(Reply),
    /// It took effect; the rest of the reply was not written down.
    Done,
    /// Its condition did not hold, whatever was found instead.
    Refused,
    /// It never took effect.
    Failed,
    /// Nobody can say. It may take effect at any later moment, or never.
    Unknown,
}

impl Call {
    /// Whether it is known to have taken effect as a write.
    pub fn is_written(&self) -> bool {
        let Some((_, outcome)) = &self.returned else { return false };
        match outcome {
            Outcome::Done => true,
            Outcome::Replied(reply) => match reply {
                Reply::Written { .. } | Reply::Deleted { .. } => true,
                Reply::Value(_) => matches!(self.command, Command::PutHash { .. }),
                Reply::Differs { .. } | Reply::WrongVersion { .. } | Reply::TooLong => false,
            },
            Outcome::Refused | Outcome::Failed | Outcome::Unknown => false,
        }
    }

    /// Whether it would change what a later read sees, if it took effect.
    pub fn shows(&self) -> bool {
        match &self.command {
            Command::Get { .. } => false,
            Command::Append { value, .. } => !value.is_empty(),
            Command::Delete { .. } => {
                let nothing = Outcome::Replied(Reply::Deleted { existed: false });
                self.returned.as_ref().is_none_or(|(_, outcome)| *outcome != nothing)
            }
            _ => true,
        }
    }

    /// Whether its effect, if it has one, is in doubt.
    pub fn is_open(&self) -> bool {
        matches!(self.returned, None | Some((_, Outcome::Unknown)))
    }
}

impl Callers {
    /// `process 3`, or `Client 3`.
    pub fn name(self, number: u64) -> String {
        match self {
            Self::Processes => format!("process {number}"),
            Self::Clients => format!("Client {number}"),
        }
    }

    /// `process`, or `client`.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Processes => "process",
            Self::Clients => "client",
        }
    }
}

impl Record {
    /// What the clients of one of our own runs saw.
    ///
    /// A client that calls anew while a call is open has given that one up: nobody can say what
    /// became of it. A return without a call says nothing and is left out.
    pub fn of(history: &History) -> Self {
        let mut calls: Vec<Call> = Vec::new();
        let mut open: Sorted<NodeId, (Serial, usize)> = Sorted::default();
        let mut position = 0;
        for event in history.iter() {
            let nanos = Some(event.at.as_micros().saturating_mul(1_000));
            let mut spot = || {
                position += 1;
                Spot { position: position - 1, nanos, line: 0 }
            };
            match &event.what {
                What::Ask(_) => {}
                What::Call(command) => {
                    if let Some((_, given_up)) =
                        open.insert(event.client, (event.serial, calls.len()))
                    {
                        calls[given_up].returned = Some((spot(), Outcome::Unknown));
                    }
                    let (process, command) = (u64::from(event.client.0), command.clone());
                    calls.push(Call { process, command, called: spot(), returned: None });
                }
                What::Return { reply, .. } => {
                    let is_it = |(serial, _): &&(Serial, usize)| *serial == event.serial;
                    let Some((_, index)) = open.get(&event.client).filter(is_it).copied() else {
                        continue;
                    };
                    open.remove(&event.client);
                    let outcome = reply.clone().map_or(Outcome::Unknown, Outcome::Replied);
                    calls[index].returned = Some((spot(), outcome));
                }
            }
        }
        Self { calls, callers: Callers::Processes }
    }

    /// Beginnings (`false`) and ends (`true`) with the call's index, in their order.
    pub fn events(&self) -> Vec<(u64, bool, usize)> {
        let mut events: Vec<(u64, bool, usize)> = Vec::with_capacity(2 * self.calls.len());
        for (index, call) in self.calls.iter().enumerate() {
            events.push((call.called.position, false, index));
            events.extend(call.returned.iter().map(|(spot, _)| (spot.position, true, index)));
        }
        let events = order::ranked(events, |(_, is_end, _)| u64::from(*is_end));
        order::ranked(events, |(position, ..)| *position)
    }
}
