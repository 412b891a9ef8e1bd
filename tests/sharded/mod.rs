//! The field's tables of a shard controller and of a sharded store, each row with the name that its
//! course gave it, on virtual time: the controller's subtests, the 14 rows of the sharded store,
//! and what other courses demand beyond them.

mod cluster;
mod controller;
mod masters;
mod migration;
mod rows;
mod waits;

pub(crate) use self::rows::ROWS;
use crate::table;

/// Plays one part of the table once, one row after the other: steps and operations. The parts are
/// the controller, the sharded store, and what goes beyond.
pub(crate) fn once(part: usize, seed: u64) -> (u64, u64) {
    table::once(&[ROWS[part]], seed)
}

#[test]
fn the_table_of_the_sharded_store() {
    table::hold(&ROWS);
}

#[test]
fn every_row_has_names_of_its_own_and_something_to_find() {
    assert_eq!(ROWS.map(<[_]>::len), [15, 14, 13]);
    table::check_names(&ROWS);
}

#[test]
fn the_named_mutants_fail_their_rows() {
    table::find_mutants(&ROWS);
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let row = table::named(&ROWS, "unreliable3_4b");
    let (one, two, other) = (table::play(row, 1), table::play(row, 1), table::play(row, 2));
    assert_eq!(one, two);
    assert_ne!(one.digest, other.digest);
}
