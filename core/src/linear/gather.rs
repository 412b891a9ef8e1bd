//! From a history's events to operations, key by key.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::{Malformed, Operation};
use crate::history::{History, What};
use crate::id::{NodeId, Serial};
use crate::kv::{Command, Reply, Text};

type Operations = Vec<Operation<Command, Reply>>;

/// Where an operation stands: its key, and its place among the operations on it.
type Place = (Text, usize);

/// The operations on each key, in the order of the keys and of the calls. A return that tells
/// nothing leaves its call open.
pub(super) fn by_key(history: &History) -> Result<Vec<(Text, Operations)>, Malformed> {
    let mut keys: BTreeMap<Text, Operations> = BTreeMap::new();
    let mut places: BTreeMap<(NodeId, Serial), (Place, bool)> = BTreeMap::new();
    for (position, event) in (0..).zip(history.iter()) {
        let who = (event.client, event.serial);
        match &event.what {
            What::Ask(_) => {}
            What::Call(command) => {
                let operations = keys.entry(command.key().clone()).or_default();
                let place = (command.key().clone(), operations.len());
                let command = command.clone();
                operations.push(Operation { command, called: position, returned: None });
                if places.insert(who, (place, false)).is_some() {
                    return Err(Malformed::called_twice(position, event));
                }
            }
            What::Return { reply, .. } => {
                let Some(((key, index), over)) = places.get_mut(&who) else {
                    return Err(Malformed::never_called(position, event));
                };
                if core::mem::replace(over, true) {
                    return Err(Malformed::returned_twice(position, event));
                }
                let operation = keys.get_mut(key).and_then(|all| all.get_mut(*index));
                if let (Some(operation), Some(reply)) = (operation, reply) {
                    operation.returned = Some((position, reply.clone()));
                }
            }
        }
    }
    Ok(keys.into_iter().collect())
}
