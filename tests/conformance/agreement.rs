//! Part 3B: agreement, and what it may cost.

use shardscope_core::kv::Text;

use super::Check;
use super::lab::{ELECTION, Lab, ms};
use super::row::{Bound, Row};
use super::traffic::Fault;

pub(crate) const ROWS: [Row; 11] = [
    Row { mutants: &["R14"], operations: 3, ..Row::new("TestBasicAgree3B", 3, basic_agree) },
    Row {
        variant: "five servers",
        mutants: &["R14"],
        operations: 3,
        ..Row::new("TestBasicAgree3B", 5, basic_agree)
    },
    Row { mutants: &["R14", "R22"], operations: 11, ..Row::new("TestRPCBytes3B", 3, rpc_bytes) },
    Row {
        mutants: &["R14", "R22"],
        operations: 3,
        faults: &[(Fault::Cut, 20)],
        ..Row::new("TestFollowerFailure3B", 3, follower_failure)
    },
    Row {
        mutants: &["R14", "R22"],
        operations: 3,
        faults: &[(Fault::Cut, 20)],
        ..Row::new("TestLeaderFailure3B", 3, leader_failure)
    },
    Row {
        mutants: &["R14", "R22"],
        operations: 7,
        faults: &[(Fault::Cut, 20)],
        ..Row::new("TestFailAgree3B", 3, fail_agree)
    },
    Row {
        mutants: &["R14", "R19", "R22"],
        operations: 3,
        faults: &[(Fault::Cut, 20)],
        ..Row::new("TestFailNoAgree3B", 5, fail_no_agree)
    },
    Row {
        mutants: &["R14", "R22"],
        operations: 6,
        ..Row::new("TestConcurrentStarts3B", 3, concurrent_starts)
    },
    Row {
        mutants: &["R8", "R14", "R19", "R20"],
        operations: 4,
        faults: &[(Fault::Cut, 20), (Fault::Truncation, 1)],
        ..Row::new("TestRejoin3B", 3, rejoin)
    },
    Row {
        mutants: &["R14", "R19", "R22"],
        operations: 102,
        faults: &[(Fault::Cut, 100), (Fault::Truncation, 3)],
        ..Row::new("TestBackup3B", 5, backup)
    },
    Row { mutants: &["R14", "R18", "R22"], operations: 12, ..Row::new("TestCount3B", 3, count) },
];

/// Three commands get the indices 1, 2 and 3, and none is committed before it was proposed.
fn basic_agree(lab: &mut Lab) -> Check {
    for index in 1..=3 {
        lab.check_none(index)?;
        let got = lab.one((index * 100).to_string(), lab.servers(), false)?;
        lab.expect(got == index, || format!("Index {got}, not {index}."))?;
    }
    Ok(())
}

/// Each command travels once to each server.
fn rpc_bytes(lab: &mut Lab) -> Check {
    let servers = lab.servers();
    lab.one("99", servers, false)?;
    let (mut sent, size) = (0, 5_000);
    lab.traffic.weigh = true;
    for index in 2..12 {
        let letter = char::from(b'a' + lab.below(26) as u8);
        let value: String = std::iter::repeat_n(letter, size).collect();
        let got = lab.one(value, servers, false)?;
        lab.expect(got == index, || format!("Index {got}, not {index}."))?;
        sent += size as u64;
    }
    let (bytes, unweighed) = (lab.traffic.bytes, lab.traffic.unweighed);
    lab.figure("bytes", bytes, Bound::AtMost(servers as u64 * sent + 50_000))?;
    // They cannot be fewer: every follower got every command.
    lab.figure("bytes", bytes, Bound::AtLeast((servers as u64 - 1) * sent))?;
    lab.figure("not weighed", unweighed, Bound::AtMost(0))
}

/// Without the followers a leader commits nothing.
fn follower_failure(lab: &mut Lab) -> Check {
    let servers = lab.servers();
    lab.one("101", servers, false)?;
    let leader = lab.check_one_leader()?;
    lab.disconnect(lab.after(leader, 1))?;
    lab.one("102", servers - 1, false)?;
    lab.sleep(ELECTION)?;
    lab.one("103", servers - 1, false)?;
    let leader = lab.check_one_leader()?;
    lab.disconnect(lab.after(leader, 1))?;
    lab.disconnect(lab.after(leader, 2))?;
    let place = lab.start(leader, &"104".into())?;
    let index = place.map(|place| place.index);
    lab.expect(index == Some(4), || format!("Proposed at {index:?}, not at index 4."))?;
    lab.sleep(ELECTION.times(2))?;
    lab.check_none(4)
}

/// Two leaders are cut off, one after the other; the third server alone commits nothing.
fn leader_failure(lab: &mut Lab) -> Check {
    let servers = lab.servers();
    lab.one("101", servers, false)?;
    let leader = lab.check_one_leader()?;
    lab.disconnect(leader)?;
    lab.one("102", servers - 1, false)?;
    lab.sleep(ELECTION)?;
    lab.one("103", servers - 1, false)?;
    let leader = lab.check_one_leader()?;
    lab.disconnect(leader)?;
    let mut taken = 0;
    for server in 0..servers {
        taken += u64::from(lab.start(server, &"104".into())?.is_some());
    }
    lab.figure("taken", taken, Bound::AtLeast(1))?;
    lab.sleep(ELECTION.times(2))?;
    lab.check_none(4)
}

/// A follower that was away catches up.
fn fail_agree(lab: &mut Lab) -> Check {
    let servers = lab.servers();
    lab.one("101", servers, false)?;
    let leader = lab.check_one_leader()?;
    let away = lab.after(leader, 1);
    lab.disconnect(away)?;
    lab.one("102", servers - 1, false)?;
    lab.one("103", servers - 1, false)?;
    lab.sleep(ELECTION)?;
    lab.one("104", servers - 1, false)?;
    lab.one("105", servers - 1, false)?;
    lab.connect(away)?;
    lab.one("106", servers, true)?;
    lab.sleep(ELECTION)?;
    lab.one("107", servers, true)?;
    Ok(())
}

/// Without a quorum nothing is committed, and afterwards all goes on.
fn fail_no_agree(lab: &mut Lab) -> Check {
    let servers = lab.servers();
    lab.one("10", servers, false)?;
    let leader = lab.check_one_leader()?;
    for places in 1..=3 {
        lab.disconnect(lab.after(leader, places))?;
    }
    let place = lab.start(leader, &"20".into())?;
    let index = place.map(|place| place.index);
    lab.expect(index == Some(2), || format!("Proposed at {index:?}, not at index 2."))?;
    lab.sleep(ELECTION.times(2))?;
    lab.check_none(2)?;
    for places in 1..=3 {
        lab.connect(lab.after(leader, places))?;
    }
    let leader = lab.check_one_leader()?;
    let place = lab.start(leader, &"30".into())?;
    let index = place.map(|place| place.index);
    let fits = matches!(index, Some(2 | 3));
    lab.expect(fits, || format!("Proposed at {index:?}, not at index 2 or 3."))?;
    lab.one("1000", servers, true)?;
    Ok(())
}

/// Five commands in one moment of one term are all committed.
fn concurrent_starts(lab: &mut Lab) -> Check {
    for tries in 0..5 {
        if tries > 0 {
            lab.sleep(ms(3_000))?;
        }
        let leader = lab.check_one_leader()?;
        let Some(first) = lab.start(leader, &"1".into())? else { continue };
        let values: Vec<Text> = (100..105).map(|value| value.to_string().into()).collect();
        let places = lab.start_all(leader, &values)?;
        let same = places.iter().flatten().filter(|place| place.term == first.term);
        let indices: Vec<u64> = same.map(|place| place.index).collect();
        if indices.len() < values.len() {
            continue;
        }
        let mut seen = Vec::new();
        for index in indices {
            seen.extend(lab.wait(index, lab.servers(), Some(first.term))?);
        }
        if seen.len() < values.len() {
            continue;
        }
        seen.sort();
        lab.expect(seen == values, || format!("{seen:?} was committed."))?;
        return lab.figure("tries", tries + 1, Bound::AtMost(5));
    }
    Err("In five tries the term was never the same to the end.".into())
}

/// A leader with a tail that nobody has comes back to a group that went on.
fn rejoin(lab: &mut Lab) -> Check {
    let servers = lab.servers();
    lab.one("101", servers, true)?;
    let first = lab.check_one_leader()?;
    lab.disconnect(first)?;
    let tail = ["102", "103", "104"].map(Text::from);
    let taken = lab.start_all(first, &tail)?.iter().flatten().count();
    lab.figure("stale", taken as u64, Bound::AtLeast(3))?;
    lab.one("103", servers - 1, true)?;
    let second = lab.check_one_leader()?;
    lab.disconnect(second)?;
    lab.connect(first)?;
    lab.one("104", servers - 1, true)?;
    lab.connect(second)?;
    lab.one("105", servers, true)?;
    Ok(())
}

/// Long tails that nobody else has, twice over; whoever has one finds the place of agreement fast.
fn backup(lab: &mut Lab) -> Check {
    let servers = lab.servers();
    lab.agree(servers)?;
    let first = lab.check_one_leader()?;
    let place = |lab: &Lab, places| lab.after(first, places);
    for places in 2..=4 {
        lab.disconnect(place(lab, places))?;
    }
    let mut stale = propose_fifty(lab, first)?;
    lab.sleep(ms(500))?;
    for places in 0..=1 {
        lab.disconnect(place(lab, places))?;
    }
    for places in 2..=4 {
        lab.connect(place(lab, places))?;
    }
    agree_fifty(lab)?;
    let second = lab.check_one_leader()?;
    let other = match place(lab, 2) {
        other if other == second => lab.after(second, 1),
        other => other,
    };
    lab.disconnect(other)?;
    stale += propose_fifty(lab, second)?;
    lab.sleep(ms(500))?;
    for server in 0..servers {
        lab.disconnect(server)?;
    }
    for server in [first, place(lab, 1), other] {
        lab.connect(server)?;
    }
    agree_fifty(lab)?;
    for server in 0..servers {
        lab.connect(server)?;
    }
    lab.agree(servers)?;
    lab.figure("stale", stale, Bound::AtLeast(100))
}

/// Puts fifty commands before a server that cannot commit them; how many it took.
fn propose_fifty(lab: &mut Lab, server: usize) -> Check<u64> {
    let before = lab.ledger.commands();
    let values: Vec<Text> = (0..50).map(|_| lab.fresh()).collect();
    let taken = lab.start_all(server, &values)?.iter().flatten().count();
    lab.expect(lab.ledger.commands() == before, || "Some were committed.".into())?;
    Ok(taken as u64)
}

fn agree_fifty(lab: &mut Lab) -> Check {
    for _ in 0..50 {
        lab.agree(3)?;
    }
    Ok(())
}

/// Few requests for an election, few for agreement, and few while nothing happens.
fn count(lab: &mut Lab) -> Check {
    lab.check_one_leader()?;
    let first = lab.traffic.requests;
    lab.figure("to elect", first, Bound::AtMost(30))?;
    lab.figure("to elect", first, Bound::AtLeast(1))?;
    for tries in 0..5 {
        if tries > 0 {
            lab.sleep(ms(3_000))?;
        }
        if let Some(requests) = requests_for_ten(lab)? {
            lab.figure("to agree", requests, Bound::AtMost((10 + 1 + 3) * 3))?;
            let before = lab.traffic.requests;
            lab.sleep(ELECTION)?;
            let idle = lab.traffic.requests - before;
            lab.figure("idle", idle, Bound::AtMost(3 * 20))?;
            return lab.figure("idle", idle, Bound::AtLeast(1));
        }
    }
    Err("In five tries the term was never the same to the end.".into())
}

/// How many requests twelve commands take, until ten of them are applied everywhere. None: the
/// term went on meanwhile.
fn requests_for_ten(lab: &mut Lab) -> Check<Option<u64>> {
    let leader = lab.check_one_leader()?;
    let before = lab.traffic.requests;
    let first = lab.fresh();
    let Some(start) = lab.start(leader, &first)? else { return Ok(None) };
    let mut values = Vec::new();
    for number in 1..=11 {
        let value = lab.fresh();
        match lab.start(leader, &value)? {
            Some(place) if place.term == start.term => {
                let expected = start.index + number;
                lab.expect(place.index == expected, || format!("{place:?}, not {expected}."))?;
            }
            _ => return Ok(None),
        }
        values.push(value);
    }
    for (index, value) in (start.index + 1..).zip(&values).take(10) {
        let Some(seen) = lab.wait(index, lab.servers(), Some(start.term))? else {
            return Ok(None);
        };
        lab.expect(seen == *value, || format!("{seen} at index {index}, not {value}."))?;
    }
    let same = lab.terms().iter().all(|term| *term == start.term);
    Ok(same.then(|| lab.traffic.requests - before))
}
