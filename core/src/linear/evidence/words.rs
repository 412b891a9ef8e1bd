//! Evidence in words.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Display;

use super::Evidence;
use crate::linear::OperationOf;
use crate::machine::Machine;

/// How many possibilities a sentence names.
const MAX_NAMED: usize = 4;

/// How many letters of a value are shown: its end, where values that grow differ.
const MAX_LETTERS: usize = 40;

impl<M: Machine> Evidence<M>
where
    M::Command: Display,
    M::Reply: Display,
{
    /// Two sentences: what fits nowhere and why, and which operations contradict each other.
    /// `operations` are those that the evidence is about.
    ///
    /// `get x returned "ab", but every order that fits leaves "a" or "abc". Whatever x held before
    /// them, these fit in no order: put x a; get x returned "ab".`
    pub fn words(&self, operations: &[OperationOf<M>]) -> String {
        let Some(operation) = operations.get(self.stuck) else { return String::new() };
        let command = &operation.command;
        let Some((returned, reply)) = &operation.returned else { return String::new() };
        if *returned < operation.called {
            return format!("{command} returned before it was called.");
        }
        let reads = self.attempts.first().is_some_and(|attempt| attempt.state.reads(command));
        let verb = if reads { "leaves" } else { "gives" };
        let mut named: Vec<String> = self.replies.iter().map(in_quotes).collect();
        let hidden = named.len().saturating_sub(MAX_NAMED);
        named.truncate(MAX_NAMED);
        if self.more {
            named.push("something else".into());
        } else if hidden > 0 {
            named.push(format!("one of {hidden} others"));
        }
        let reply = in_quotes(reply);
        let needed = self.attempts.iter().any(|attempt| attempt.order.contains(&self.stuck));
        let why = match needed {
            // What it would have returned in the one order that is known.
            true => format!(
                "{command} returned {reply}, but others saw what it did already where it would \
                 have returned {}.",
                named.first().map_or("something else", String::as_str)
            ),
            false => format!(
                "{command} returned {reply}, but every order that fits {verb} {}.",
                either(&named)
            ),
        };
        format!("{why} {}", self.contradiction(command, operations))
    }

    fn contradiction(&self, of: &M::Command, operations: &[OperationOf<M>]) -> String {
        let named = self.window.operations.iter().filter_map(|index| operations.get(*index));
        let read = self.attempts.first().map(|attempt| &attempt.state);
        let mut named: Vec<String> = named
            .map(|op| {
                let command = shortened(&op.command.to_string());
                match &op.returned {
                    Some((_, reply)) if read.is_some_and(|state| state.reads(&op.command)) => {
                        format!("{command} returned {}", in_quotes(reply))
                    }
                    _ => command,
                }
            })
            .collect();
        if named.len() == 1 {
            return "It fits nowhere, whatever became of all others.".into();
        }
        let hidden = named.len().saturating_sub(2 * MAX_NAMED);
        if hidden > 0 {
            let begin = named.len() - 2 * MAX_NAMED;
            named.drain(..begin);
            named.insert(0, format!("{hidden} before these"));
        }
        let list = named.join("; ");
        match self.window.is_late {
            true => {
                let what = M::part(of).unwrap_or("it");
                format!("Whatever {what} held before them, these fit in no order: {list}.")
            }
            false => format!("Whatever became of all others, these fit in no order: {list}."),
        }
    }
}

/// `"a"`, `"a" or "b"`, `"a", "b" or "c"`.
fn either(words: &[String]) -> String {
    match words {
        [] => "nothing".into(),
        [only] => only.clone(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}

fn in_quotes(reply: &impl Display) -> String {
    match format!("{reply:#}") {
        nothing if nothing.is_empty() => "an empty value".into(),
        reply => format!("\"{}\"", shortened(&reply)),
    }
}

fn shortened(text: &str) -> String {
    let letters = text.chars().count();
    if letters <= MAX_LETTERS {
        return text.into();
    }
    let end: String = text.chars().skip(letters - MAX_LETTERS + 1).collect();
    format!("…{end}")
}
