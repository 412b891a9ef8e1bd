//! Two who judge a history without any of the search's ideas.

use shardscope_core::linear::OperationOf;
use shardscope_core::machine::Machine;
use stateright::semantics::{ConsistencyTester, LinearizabilityTester, SequentialSpec};

use super::draw::Drawn;

/// Whether some order explains operations, by trying each that time allows.
pub(super) fn explainable<M: Machine>(initial: &M, operations: &[OperationOf<M>]) -> bool {
    try_all(initial, operations, &mut vec![false; operations.len()])
}

fn try_all<M: Machine>(machine: &M, operations: &[OperationOf<M>], placed: &mut Vec<bool>) -> bool {
    let waits = |(op, placed): (&OperationOf<M>, &bool)| !placed && op.returned.is_some();
    if !operations.iter().zip(&*placed).any(waits) {
        return true;
    }
    for index in 0..operations.len() {
        let operation = &operations[index];
        let too_late = |(other, placed): (&OperationOf<M>, &bool)| {
            !placed && other.returned.as_ref().is_some_and(|(at, _)| *at < operation.called)
        };
        if placed[index] || operations.iter().zip(&*placed).any(too_late) {
            continue;
        }
        let mut next = machine.clone();
        let reply = next.apply(&operation.command);
        if operation.returned.as_ref().is_some_and(|(_, seen)| *seen != reply) {
            continue;
        }
        placed[index] = true;
        let explained = try_all(&next, operations, placed);
        placed[index] = false;
        if explained {
            return true;
        }
    }
    false
}

/// A machine as stateright knows it.
#[derive(Clone)]
struct Spec<M>(M);

impl<M: Machine> SequentialSpec for Spec<M> {
    type Op = M::Command;
    type Ret = M::Reply;

    fn invoke(&mut self, command: &M::Command) -> M::Reply {
        self.0.apply(command)
    }
}

/// The same, by stateright's tester.
pub(super) fn stateright<M: Machine>(initial: &M, drawn: &Drawn<M>) -> bool {
    let mut events = Vec::new();
    for (index, operation) in drawn.operations.iter().enumerate() {
        events.push((operation.called, false, index));
        events.extend(operation.returned.as_ref().map(|(at, _)| (*at, true, index)));
    }
    events.sort_unstable();
    let mut tester = LinearizabilityTester::new(Spec(initial.clone()));
    for (_, is_return, index) in events {
        let (client, operation) = (drawn.clients[index], &drawn.operations[index]);
        let told = match &operation.returned {
            Some((_, reply)) if is_return => tester.on_return(client, reply.clone()),
            _ => tester.on_invoke(client, operation.command.clone()),
        };
        told.expect("a client has one call open");
    }
    tester.is_consistent()
}
