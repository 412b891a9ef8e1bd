//! Rows and testers that must fail: a check that cannot fail proves nothing.

use shardscope_core::sim::Scenario;
use shardscope_core::time::Duration;

use super::lab::{Lab, ms};
use super::row::{self, Row, Run};
use super::traffic::Fault;
use super::{Check, PARTS};

/// What a row says of a scenario that was spoilt.
fn said(row: &Row, spoil: impl FnOnce(&mut Scenario)) -> String {
    let mut scenario = row::scenario(row, 1);
    spoil(&mut scenario);
    let (outcome, _) = row::run_in(row, scenario);
    outcome.result.err().unwrap_or_default()
}

fn find(name: &str) -> &'static Row {
    let rows = PARTS.iter().flat_map(|(_, rows, _)| rows.iter());
    rows.into_iter().find(|row| row.name == name).expect("the table has this row")
}

/// A setting that is not the table's own.
type Spoil = fn(&mut Scenario);

#[test]
fn rows_fail_where_the_settings_are_not_what_they_should_be() {
    let late: Spoil = |s| {
        (s.raft.election_min, s.raft.election_max) = (ms(30_000), ms(30_000));
    };
    let hasty: Spoil = |s| s.raft.heartbeat = ms(25);
    let narrow: Spoil = |s| s.raft.uncommitted_max = 1;
    let boundless: Spoil = |s| s.snapshot_above = None;
    for (name, spoil, words) in [
        ("TestInitialElection3A", late, "Nobody was elected"),
        ("TestReElection3A", late, "Nobody was elected"),
        ("TestBasicAgree3B", late, "was not agreed upon by 3"),
        ("TestCount3B", hasty, "out of bounds: idle"),
        ("TestConcurrentStarts3B", narrow, "five tries"),
        ("TestBackup3B", narrow, "out of bounds: stale"),
        ("TestPersist13C", late, "was not agreed upon by 3"),
        ("TestSnapshotBasic3D", boundless, "A log of"),
        ("TestSnapshotInstall3D", boundless, "A log of"),
        ("TestSnapshotInit3D", boundless, "out of bounds: reloaded 0 >= 6"),
    ] {
        let said = said(find(name), spoil);
        assert!(said.contains(words), "{name}: {said}");
    }
}

#[test]
fn a_row_that_did_nothing_fails() {
    fn idle(lab: &mut Lab) -> Check {
        lab.check_one_leader().map(|_| ())
    }
    let row = || Row::new("nothing", 3, idle);
    assert_eq!(said(&row(), |_| ()), "", "as such it may be");
    let lazy = Row { operations: 1, ..row() };
    assert!(said(&lazy, |_| ()).contains("commands 0 >= 1"));
    for faults in [
        &[(Fault::Cut, 1)],
        &[(Fault::Loss, 1)],
        &[(Fault::Delay, 1)],
        &[(Fault::Crash, 1)],
        &[(Fault::Truncation, 1)],
        &[(Fault::Compaction, 1)],
        &[(Fault::Install, 1)],
        &[(Fault::Reload, 1)],
    ] {
        let said = said(&Row { faults, ..row() }, |_| ());
        assert!(said.contains(" 0 >= 1"), "{faults:?}: {said}");
    }
}

#[test]
fn a_row_that_takes_too_long_fails() {
    fn sleep(lab: &mut Lab) -> Check {
        lab.sleep(Duration::from_secs(121))
    }
    let said = said(&Row::new("slow", 3, sleep), |_| ());
    assert!(said.contains("took too long"), "{said}");
}

#[test]
fn what_is_not_agreed_upon_is_told() {
    fn alone(lab: &mut Lab) -> Check {
        let leader = lab.check_one_leader()?;
        lab.disconnect(lab.after(leader, 1))?;
        lab.one("1", 3, false).map(|_| ())
    }
    fn nobody(lab: &mut Lab) -> Check {
        (0..3).try_for_each(|server| lab.crash(server))?;
        lab.check_one_leader().map(|_| ())
    }
    fn too_early(lab: &mut Lab) -> Check {
        lab.one("1", 3, true)?;
        lab.check_none(1)
    }
    fn nothing(lab: &mut Lab) -> Check {
        lab.wait(1, 1, None).map(|_| ())
    }
    fn leads(lab: &mut Lab) -> Check {
        lab.check_one_leader()?;
        lab.check_no_leader()
    }
    let cases: [(Run, &str); 5] = [
        (alone, "was not applied by 3"),
        (nobody, "Nobody was elected"),
        (too_early, "Index 1 was committed"),
        (nothing, "was applied by 0 servers"),
        (leads, "leads without a quorum"),
    ];
    for (run, words) in cases {
        let said = said(&Row::new("wrong", 3, run), |_| ());
        assert!(said.contains(words), "{said}");
    }
}
