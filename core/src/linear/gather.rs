//! From a history's events to operations, key by key.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::calls::Calls;
use super::{Malformed, Operation};
use crate::history::{History, What};
use crate::kv::{Command, Reply, Text};

type Operations = Vec<Operation<Command, Reply>>;

/// The operations on each key, in the order of the keys and of the calls. A return that tells
/// nothing leaves its call open.
pub(super) fn by_key(history: &History) -> Result<Vec<(Text, Operations)>, Malformed> {
    let mut numbers: BTreeMap<Text, u32> = BTreeMap::new();
    let mut keys: Vec<Operations> = Vec::new();
    let mut calls = Calls::default();
    for (position, event) in (0..).zip(history.iter()) {
        match &event.what {
            What::Ask(_) => {}
            What::Call(command) => {
                calls.check(position, event)?;
                let number = match numbers.get(command.key()) {
                    Some(number) => *number,
                    None => {
                        let number = keys.len() as u32;
                        numbers.insert(command.key().clone(), number);
                        keys.push(Vec::new());
                        number
                    }
                };
                let operations = &mut keys[number as usize];
                calls.open(event, (number, operations.len() as u32));
                let command = command.clone();
                operations.push(Operation { command, called: position, returned: None });
            }
            What::Return { reply, .. } => {
                let (number, index) = calls.close(position, event)?;
                let returned = reply.as_ref().map(|reply| (position, reply.clone()));
                keys[number as usize][index as usize].returned = returned;
            }
        }
    }
    let take = |(key, number): (Text, u32)| (key, core::mem::take(&mut keys[number as usize]));
    Ok(numbers.into_iter().map(take).collect())
}
