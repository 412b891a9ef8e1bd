//! Part 3C: what survives crashes, and what bad networks do.

use shardscope_core::kv::Text;

use super::Check;
use super::lab::{ELECTION, Lab, ms};
use super::row::{Bound, Row};
use super::task::{Client, One, Task};
use super::traffic::Fault;

pub(crate) const ROWS: [Row; 8] = [
    Row {
        mutants: &["R2", "R14"],
        operations: 6,
        faults: &[(Fault::Cut, 10), (Fault::Crash, 6)],
        ..Row::new("TestPersist13C", 3, persist_1)
    },
    Row {
        mutants: &["R2", "R7", "R14", "R22"],
        operations: 16,
        faults: &[(Fault::Cut, 100), (Fault::Crash, 15)],
        ..Row::new("TestPersist23C", 5, persist_2)
    },
    Row {
        mutants: &["R7", "R14"],
        operations: 4,
        faults: &[(Fault::Cut, 5), (Fault::Crash, 2)],
        ..Row::new("TestPersist33C", 3, persist_3)
    },
    Row {
        mutants: &["R7", "R8", "R14", "R19", "R20", "R22"],
        operations: 20,
        faults: &[(Fault::Crash, 30), (Fault::Truncation, 5)],
        ..Row::new("TestFigure83C", 5, figure_8)
    },
    Row {
        unreliable: true,
        mutants: &["R14", "R18", "R22"],
        operations: 246,
        faults: &[(Fault::Loss, 100)],
        ..Row::new("TestUnreliableAgree3C", 5, unreliable_agree)
    },
    Row {
        unreliable: true,
        mutants: &["R7", "R8", "R14", "R19", "R20", "R22"],
        operations: 2,
        faults: &[
            (Fault::Cut, 100),
            (Fault::Loss, 50),
            (Fault::Delay, 100),
            (Fault::Truncation, 2),
        ],
        ..Row::new("TestFigure8Unreliable3C", 5, figure_8_unreliable)
    },
    Row {
        mutants: &["R14", "R18", "R22"],
        operations: 50,
        faults: &[(Fault::Cut, 20), (Fault::Crash, 1)],
        ..Row::new("TestReliableChurn3C", 5, churn)
    },
    Row {
        unreliable: true,
        mutants: &["R14", "R18", "R22"],
        operations: 20,
        faults: &[(Fault::Cut, 20), (Fault::Crash, 1), (Fault::Loss, 20)],
        ..Row::new("TestUnreliableChurn3C", 5, churn)
    },
];

/// Everybody restarts; then the leader, the next one and a follower, each with a commit while it
/// is away.
fn persist_1(lab: &mut Lab) -> Check {
    let servers = lab.servers();
    lab.one("11", servers, true)?;
    for server in 0..servers {
        lab.restart(server)?;
    }
    for server in 0..servers {
        lab.disconnect(server)?;
        lab.connect(server)?;
    }
    lab.one("12", servers, true)?;
    let leader = lab.check_one_leader()?;
    lab.disconnect(leader)?;
    lab.revive(leader)?;
    lab.one("13", servers, true)?;
    let leader = lab.check_one_leader()?;
    lab.disconnect(leader)?;
    let index = lab.one("14", servers - 1, true)?;
    lab.revive(leader)?;
    let seen = lab.wait(index, servers, None)?;
    lab.expect(seen == Some("14".into()), || format!("{seen:?} at index {index}, not 14."))?;
    let follower = lab.check_one_leader().map(|leader| lab.after(leader, 1))?;
    lab.disconnect(follower)?;
    lab.one("15", servers - 1, true)?;
    lab.revive(follower)?;
    lab.one("16", servers, true)?;
    Ok(())
}

/// Majorities that overlap in one server that has just restarted.
fn persist_2(lab: &mut Lab) -> Check {
    let servers = lab.servers();
    for _ in 0..5 {
        lab.agree(servers)?;
        let leader = lab.check_one_leader()?;
        let place = |lab: &Lab, places| lab.after(leader, places);
        lab.disconnect(place(lab, 1))?;
        lab.disconnect(place(lab, 2))?;
        lab.agree(servers - 2)?;
        for places in [0, 3, 4] {
            lab.disconnect(place(lab, places))?;
        }
        lab.revive(place(lab, 1))?;
        lab.revive(place(lab, 2))?;
        lab.sleep(ELECTION)?;
        lab.revive(place(lab, 3))?;
        lab.agree(servers - 2)?;
        lab.connect(place(lab, 4))?;
        lab.connect(place(lab, 0))?;
    }
    lab.one("1000", servers, true)?;
    Ok(())
}

/// The one server that has what was committed must bring it to the one that was away.
fn persist_3(lab: &mut Lab) -> Check {
    let servers = lab.servers();
    lab.one("101", servers, true)?;
    let leader = lab.check_one_leader()?;
    let (other, away) = (lab.after(leader, 1), lab.after(leader, 2));
    lab.disconnect(away)?;
    lab.one("102", servers - 1, true)?;
    lab.crash(leader)?;
    lab.crash(other)?;
    lab.connect(away)?;
    lab.revive(leader)?;
    lab.one("103", servers - 1, true)?;
    lab.revive(other)?;
    lab.one("104", servers, true)?;
    Ok(())
}

/// A pause, mostly short against the time that a command takes, now and then long.
fn pause(lab: &mut Lab) -> Check {
    let longest = if lab.percent(10) { ELECTION.as_micros() / 2_000 } else { 13 };
    let millis = lab.below(longest);
    lab.sleep(ms(millis))
}

/// Leaders crash right after they took a command, a thousand times over (Figure 8).
fn figure_8(lab: &mut Lab) -> Check {
    let servers = lab.servers();
    lab.agree(1)?;
    let mut up = servers;
    for _ in 0..1_000 {
        let mut leader = None;
        for server in (0..servers).filter(|server| lab.is_up(*server)).collect::<Vec<_>>() {
            let value = lab.fresh();
            if lab.start(server, &value)?.is_some() {
                leader = Some(server);
            }
        }
        pause(lab)?;
        if let Some(leader) = leader {
            lab.crash(leader)?;
            up -= 1;
        }
        let server = lab.below(servers as u64) as usize;
        if up < 3 && !lab.is_up(server) {
            lab.revive(server)?;
            up += 1;
        }
    }
    for server in 0..servers {
        if !lab.is_up(server) {
            lab.revive(server)?;
        }
    }
    lab.agree(servers)?;
    Ok(())
}

/// Five commands at a time over a bad network.
fn unreliable_agree(lab: &mut Lab) -> Check {
    for round in 1..50 {
        for number in 0..4 {
            let value: Text = (100 * round + number).to_string().into();
            let one = One::new(value, 1, true, lab.now());
            lab.begin(Task::One(one));
        }
        lab.one(round.to_string(), 1, true)?;
    }
    lab.set_unreliable(false)?;
    lab.join()?;
    lab.one("100", lab.servers(), true)?;
    Ok(())
}

/// Leaders are cut off right after they took a command, over a bad network; later replies come
/// out of order, some after seconds.
fn figure_8_unreliable(lab: &mut Lab) -> Check {
    let servers = lab.servers();
    lab.agree(1)?;
    let mut up = servers;
    for round in 0..1_000 {
        if round == 200 {
            lab.reorder_for_long();
        }
        let mut leader = None;
        for server in 0..servers {
            let value = lab.fresh();
            if lab.start(server, &value)?.is_some() && lab.is_connected(server) {
                leader = Some(server);
            }
        }
        pause(lab)?;
        if let Some(leader) = leader
            && lab.percent(50)
        {
            lab.disconnect(leader)?;
            up -= 1;
        }
        let server = lab.below(servers as u64) as usize;
        if up < 3 && !lab.is_connected(server) {
            lab.connect(server)?;
            up += 1;
        }
    }
    for server in 0..servers {
        lab.connect(server)?;
    }
    lab.agree(servers)?;
    Ok(())
}

/// Servers come and go under three clients; whatever a client saw committed is there in the end.
fn churn(lab: &mut Lab) -> Check {
    let servers = lab.servers();
    for number in 0..3 {
        let client = Client::new(number, lab.now());
        lab.begin(Task::Client(client));
    }
    let any = |lab: &mut Lab| lab.below(servers as u64) as usize;
    for round in 0..20 {
        // Twice it is no matter of chance, so that no run goes without.
        if lab.percent(20) || round == 5 {
            let server = any(lab);
            lab.disconnect(server)?;
        }
        if lab.percent(50) {
            let server = any(lab);
            if !lab.is_up(server) {
                lab.restart(server)?;
            }
            lab.connect(server)?;
        }
        if lab.percent(20) || round == 10 {
            let server = any(lab);
            lab.crash(server)?;
        }
        lab.sleep(ms(700))?;
    }
    lab.sleep(ELECTION)?;
    lab.set_unreliable(false)?;
    for server in 0..servers {
        if !lab.is_up(server) {
            lab.restart(server)?;
        }
        lab.connect(server)?;
    }
    lab.stopping = true;
    lab.join()?;
    lab.sleep(ELECTION)?;
    let last = lab.agree(servers)?;
    let mut stored = Vec::new();
    for index in 1..=last {
        stored.extend(lab.wait(index, servers, None)?);
    }
    let seen = lab.acknowledged.clone();
    let lost = seen.iter().find(|value| !stored.contains(value));
    lab.expect(lost.is_none(), || format!("{lost:?} was committed and is gone."))?;
    lab.figure("seen committed", seen.len() as u64, Bound::AtLeast(10))
}
