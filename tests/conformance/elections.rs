//! Part 3A: elections.

use shardscope_core::time::Duration;

use super::Check;
use super::lab::{ELECTION, Lab};
use super::row::{Bound, Row};
use super::traffic::Fault;

pub(crate) const ROWS: [Row; 3] = [
    Row { mutants: &["R14"], ..Row::new("TestInitialElection3A", 3, initial_election) },
    Row {
        mutants: &["R14"],
        faults: &[(Fault::Cut, 20)],
        ..Row::new("TestReElection3A", 3, re_election)
    },
    Row {
        mutants: &["R14"],
        faults: &[(Fault::Cut, 100)],
        ..Row::new("TestManyElections3A", 7, many_elections)
    },
];

/// One leader, one term, and both stay as long as nothing happens.
fn initial_election(lab: &mut Lab) -> Check {
    lab.check_one_leader()?;
    lab.sleep(Duration::from_millis(50))?;
    let term = lab.check_terms()?;
    lab.figure("term", term.0, Bound::AtLeast(1))?;
    lab.sleep(ELECTION.times(2))?;
    let later = lab.check_terms()?;
    lab.figure("terms since", later.0 - term.0, Bound::AtMost(0))?;
    lab.check_one_leader()?;
    lab.figure("elections", lab.traffic.elections, Bound::AtMost(1))
}

/// A leader that is cut off is replaced; without a quorum nobody leads.
fn re_election(lab: &mut Lab) -> Check {
    let first = lab.check_one_leader()?;
    lab.disconnect(first)?;
    let second = lab.check_one_leader()?;
    lab.connect(first)?;
    let leader = lab.check_one_leader()?;
    lab.expect(second != first, || "The leader that was cut off still leads.".into())?;
    lab.disconnect(leader)?;
    lab.disconnect(lab.after(leader, 1))?;
    lab.sleep(ELECTION.times(2))?;
    lab.check_no_leader()?;
    lab.connect(lab.after(leader, 1))?;
    lab.check_one_leader()?;
    lab.connect(leader)?;
    lab.check_one_leader()?;
    lab.figure("elections", lab.traffic.elections, Bound::AtLeast(3))
}

/// Three of seven are cut off again and again, every other time with the leader; the others always
/// find one.
fn many_elections(lab: &mut Lab) -> Check {
    let mut leader = lab.check_one_leader()?;
    for round in 0..10 {
        let mut away: [usize; 3] = std::array::from_fn(|_| lab.below(7) as usize);
        if round % 2 == 0 {
            away[0] = leader; // By chance alone, a run may never meet the leader.
        }
        for server in away {
            lab.disconnect(server)?;
        }
        leader = lab.check_one_leader()?;
        for server in away {
            lab.connect(server)?;
        }
    }
    lab.check_one_leader()?;
    lab.figure("elections", lab.traffic.elections, Bound::AtLeast(6))
}
