//! Sessions built in wrongly.

use alloc::sync::Arc;
use core::cmp::Ordering;

use super::{Answer, Call, Machine, Session, Sessions};
use crate::id::MutantId;
use crate::machine::Composition;

/// How sessions are built in: as they should be, or as a number says.
pub(super) fn composition<M: Machine>(id: MutantId) -> Composition<Sessions<M>> {
    let plain = Composition::<Sessions<M>>::PLAIN;
    match id {
        MutantId::R42 => Composition { install: merge, ..plain },
        MutantId::R43 => Composition { capture: without_table, ..plain },
        MutantId::R48 => Composition { execute: always, known: remembered, ..plain },
        _ => plain,
    }
}

/// The machine inside takes the snapshot in its own wrong way.
fn merge<M: Machine>(state: &mut Sessions<M>, mut snapshot: Sessions<M>) {
    core::mem::swap(&mut state.machine, &mut snapshot.machine);
    let (inner, newer) = (&mut snapshot.machine, state.machine.clone());
    (M::composition(MutantId::R42).install)(inner, newer);
    *state = snapshot;
}

/// The state, and nobody remembered.
fn without_table<M: Machine>(state: &Sessions<M>) -> Sessions<M> {
    Sessions { table: Arc::default(), entries: 0, ..state.clone() }
}

/// Executes whatever comes.
fn always<M: Machine>(state: &mut Sessions<M>, call: &Call<M::Command>) -> Answer<M::Reply> {
    let reply = state.machine.apply(&call.command);
    state.calls += 1;
    let session = Session { last: call.serial, reply: reply.clone(), used: state.calls };
    state.remember(call.client, session);
    Answer::Done(reply)
}

/// The remembered reply to a repeat.
fn remembered<M: Machine>(
    state: &Sessions<M>,
    call: &Call<M::Command>,
) -> Option<Answer<M::Reply>> {
    let session = state.table.get(&call.client)?;
    match call.serial.cmp(&session.last) {
        Ordering::Less => Some(Answer::Stale),
        Ordering::Equal => Some(Answer::Done(session.reply.clone())),
        Ordering::Greater => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{ClientId, Serial};
    use crate::kv::{Command, Kv};
    use crate::machine::encoded_len;

    fn called(lines: &[&str]) -> Sessions<Kv> {
        let mut state = Sessions::around(Kv::default(), 4);
        for (serial, line) in (1..).zip(lines) {
            let command: Command = line.parse().unwrap();
            state.apply(&Call { client: ClientId(1), serial: Serial(serial), command });
        }
        state
    }

    #[test]
    fn a_merged_snapshot_keeps_what_was_deleted_and_nothing_else_of_the_old_state() {
        let mut state = called(&["put x old", "put y 1"]);
        let newer = called(&["put x 2", "put z 3", "append z 4"]);
        merge(&mut state, newer.clone());
        let values: alloc::vec::Vec<_> =
            state.machine.iter().map(|(key, cell)| (&**key, &*cell.value)).collect();
        assert_eq!(values, [("x", "2"), ("y", "1"), ("z", "34")]);
        assert_eq!(state.table(), newer.table());
        assert_eq!(state.bytes(), encoded_len(&state));
    }

    #[test]
    fn a_snapshot_without_its_table_executes_a_repeat() {
        let whole = called(&["append x a"]);
        let mut bare = without_table(&whole);
        assert_eq!(bare.bytes(), encoded_len(&bare));
        let command: Command = "append x a".parse().unwrap();
        let again = Call { client: ClientId(1), serial: Serial(1), command };
        assert!(remembered(&whole, &again).is_some() && remembered(&bare, &again).is_none());
        bare.apply(&again);
        assert_ne!(bare.machine(), whole.machine());
    }
    fn call(serial: u64) -> Call<Command> {
        let command = "append x z".parse().unwrap();
        Call { client: ClientId(1), serial: Serial(serial), command }
    }

    #[test]
    fn what_is_known_at_the_door_is_the_last_call_and_that_older_ones_are_stale() {
        let state = called(&["append x a", "append x b"]);
        assert_eq!(remembered(&state, &call(1)), Some(Answer::Stale));
        let last = state.table().get(&ClientId(1)).unwrap().reply.clone();
        assert_eq!(remembered(&state, &call(2)), Some(Answer::Done(last)));
        assert_eq!(remembered(&state, &call(3)), None);
    }

    #[test]
    fn each_number_builds_one_thing_wrongly_and_no_other_number_any() {
        type Store = Sessions<Kv>;
        let state = called(&["append x a"]);
        for id in MutantId::ALL {
            let built = <Store as Machine>::composition(id);
            let captured = (built.capture)(&state);
            assert_eq!(captured.table().is_empty(), id == MutantId::R43, "{id:?}");
            assert_eq!(captured.bytes(), encoded_len(&captured), "{id:?}");
            let mut installed = called(&["put y 1"]);
            (built.install)(&mut installed, state.clone());
            assert_eq!(installed != state, id == MutantId::R42, "{id:?}");
            let known = (built.known)(&state, &call(1));
            assert_eq!(known.is_some(), id == MutantId::R48, "{id:?}");
            let mut executed = state.clone();
            (built.execute)(&mut executed, &call(1));
            assert_eq!(executed.machine() != state.machine(), id == MutantId::R48, "{id:?}");
            assert_eq!(executed.bytes(), encoded_len(&executed), "{id:?}");
            let used = executed.table().get(&ClientId(1)).unwrap().used;
            assert_eq!(used, if id == MutantId::R48 { 2 } else { 1 }, "{id:?}");
        }
    }
}
