//! The field's table of a replicated key/value store on Raft: 23 rows, each with the name that its
//! lab gave it, on virtual time.

mod directed;
mod generic;
mod rows;

use shardscope_core::history::{Event, History, What};
use shardscope_core::id::MutantId;
use shardscope_core::kv::{Reply, Text};
use shardscope_core::linear::{self, Verdict};

use self::generic::check_tokens;
pub(crate) use self::rows::ROWS;
use crate::table::lab::Lab;
use crate::table::{self, named, play};

/// Plays the whole table once, one row after the other: steps and operations.
pub(crate) fn once(seed: u64) -> (u64, u64) {
    table::once(&[&ROWS], seed)
}

#[test]
fn the_table_of_the_replicated_store() {
    table::hold(&[&ROWS]);
}

#[test]
fn every_row_has_names_of_its_own_and_something_to_find() {
    assert_eq!(ROWS.len(), 23);
    table::check_names(&[&ROWS]);
}

#[test]
fn the_named_mutants_fail_their_rows() {
    table::find_mutants(&[&ROWS]);
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let row = named(&[&ROWS], "persist_partition_unreliable_3a");
    let (one, two, other) = (play(row, 1), play(row, 1), play(row, 2));
    assert_eq!(one, two);
    assert_ne!(one.digest, other.digest);
}

#[test]
fn a_history_that_was_tampered_with_is_found() {
    let row = named(&[&ROWS], "persist_partition_unreliable_linearizable_3a");
    let mut lab = Lab::new(row, 0, MutantId::Paper);
    (row.play)(&mut lab).expect("the row passes");
    let events: Vec<Event> = lab.chronicle.history.iter().cloned().collect();
    let judge = |events: &[Event]| {
        let mut history = History::default();
        events.iter().for_each(|event| history.push(event.clone()));
        linear::verdict(&linear::check(&history, 2_000_000).expect("a history"))
    };
    assert_eq!(judge(&events), Verdict::Linearizable);
    let returns = |event: &Event| matches!(event.what, What::Return { .. });
    let places: Vec<usize> = (0..events.len()).filter(|at| returns(&events[*at])).collect();
    for at in places.iter().step_by(40) {
        let mut events = events.clone();
        let What::Return { reply: Some(reply), .. } = &mut events[*at].what else { continue };
        // A read misses its last write, or a write claims to have been one later.
        *reply = match &*reply {
            Reply::Value(value) if value.is_empty() => Reply::Value("x 0 0 y".into()),
            Reply::Value(value) => {
                let shorter =
                    value.trim_end_matches('y').rfind('y').map_or("", |end| &value[..=end]);
                Reply::Value(Text::from(format!("{shorter}x 0 0 y")))
            }
            Reply::Written { version } => Reply::Written { version: version + 1 },
            other => other.clone(),
        };
        let event = events[*at].clone();
        assert_eq!(judge(&events), Verdict::Illegal, "{event:?}");
    }
}

#[test]
fn a_write_that_stands_twice_or_out_of_order_is_found() {
    let check = |value: &str| check_tokens(value, 2).is_ok();
    assert!(check("") && check("x 0 1 y") && check("x 1 1 yx 0 1 yx 1 2 y"));
    assert!(!check("x 0 1 yx 0 1 y"), "twice");
    assert!(!check("x 0 2 yx 0 1 y"), "out of order");
    assert!(!check("x 2 1 y") && !check("x 0 1") && !check("x 0 y"), "no write of a client");
}
