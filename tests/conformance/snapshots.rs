//! Part 3D: snapshots. Logs are compacted after about ten commands.

use shardscope_core::time::Duration;

use super::Check;
use super::lab::Lab;
use super::row::{Bound, Row, Run};
use super::traffic::Fault;

pub(crate) const ROWS: [Row; 9] = [
    Row {
        mutants: &["R14", "R18", "R22"],
        operations: 150,
        faults: &[(Fault::Compaction, 40)],
        ..snapshots("TestSnapshotBasic3D", basic)
    },
    Row {
        mutants: &["R14", "R18", "R22", "R46"],
        operations: 150,
        faults: &[(Fault::Compaction, 40), (Fault::Cut, 300), (Fault::Install, 15)],
        ..snapshots("TestSnapshotInstall3D", install)
    },
    Row {
        unreliable: true,
        mutants: &["R14", "R18", "R22", "R46"],
        operations: 150,
        faults: &[
            (Fault::Compaction, 40),
            (Fault::Cut, 300),
            (Fault::Install, 15),
            (Fault::Loss, 100),
        ],
        ..snapshots("TestSnapshotInstallUnreliable3D", install)
    },
    Row {
        mutants: &["R14", "R18", "R22", "R46"],
        operations: 150,
        faults: &[
            (Fault::Compaction, 40),
            (Fault::Crash, 30),
            (Fault::Install, 15),
            (Fault::Reload, 20),
        ],
        ..snapshots("TestSnapshotInstallCrash3D", install_crash)
    },
    Row {
        unreliable: true,
        mutants: &["R14", "R18", "R22", "R46"],
        operations: 150,
        faults: &[
            (Fault::Compaction, 40),
            (Fault::Crash, 30),
            (Fault::Install, 15),
            (Fault::Reload, 20),
            (Fault::Loss, 100),
        ],
        ..snapshots("TestSnapshotInstallUnCrash3D", install_crash)
    },
    Row { ..ALL_CRASH },
    Row {
        variant: "unreliable",
        unreliable: true,
        faults: &[(Fault::Crash, 15), (Fault::Reload, 12), (Fault::Loss, 20)],
        ..ALL_CRASH
    },
    Row { ..INIT },
    Row {
        variant: "unreliable",
        unreliable: true,
        faults: &[(Fault::Crash, 6), (Fault::Reload, 4), (Fault::Loss, 5)],
        ..INIT
    },
];

const ALL_CRASH: Row = Row {
    mutants: &["R2", "R14", "R22"],
    operations: 36,
    faults: &[(Fault::Crash, 15), (Fault::Reload, 12)],
    ..snapshots("TestSnapshotAllCrash3D", all_crash)
};

const INIT: Row = Row {
    mutants: &["R2", "R14"],
    operations: 14,
    faults: &[(Fault::Crash, 6), (Fault::Reload, 6)],
    ..snapshots("TestSnapshotInit3D", init)
};

const fn snapshots(name: &'static str, run: Run) -> Row {
    Row { snapshots: true, ..Row::new(name, 3, run) }
}

/// A log and what belongs to it may have so many bytes on a disk, less one.
const MAX_LOG: u64 = 2_000;

/// Longer than leaders keep entries for those who were heard from: what a server misses that is
/// away for so long is compacted.
const AWAY: Duration = Duration::from_millis(600);

/// How a server is away while others take snapshots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Away {
    Never,
    CutOff,
    Crashed,
}

fn basic(lab: &mut Lab) -> Check {
    thirty_rounds(lab, Away::Never)?;
    // Nobody was away, so every log had what its follower lacked.
    lab.figure("snapshots sent", lab.traffic.snapshots, Bound::AtMost(0))
}

fn install(lab: &mut Lab) -> Check {
    thirty_rounds(lab, Away::CutOff)
}

fn install_crash(lab: &mut Lab) -> Check {
    thirty_rounds(lab, Away::Crashed)
}

/// Thirty times, some commands are committed while one server is away, in every third round the
/// leader. Logs stay small, and whoever was away catches up.
fn thirty_rounds(lab: &mut Lab, away: Away) -> Check {
    let servers = lab.servers();
    lab.agree(servers)?;
    let mut leader = lab.check_one_leader()?;
    let mut largest = 0;
    for round in 0..30 {
        let (mut victim, mut sender) = (lab.after(leader, 1), leader);
        if round % 3 == 1 {
            (victim, sender) = (sender, victim);
        }
        match away {
            Away::Never => {}
            Away::CutOff => lab.disconnect(victim)?,
            Away::Crashed => lab.crash(victim)?,
        }
        if away != Away::Never {
            lab.agree(servers - 1)?;
        }
        for _ in 0..5 + lab.below(10) {
            let value = lab.fresh();
            lab.start(sender, &value)?;
        }
        lab.agree(if away == Away::Never { servers } else { servers - 1 })?;
        largest = largest.max(lab.log_bytes());
        lab.expect(largest < MAX_LOG, || format!("A log of {largest} bytes in round {round}."))?;
        if away != Away::Never {
            lab.sleep(AWAY)?;
        }
        match away {
            Away::Never => continue,
            Away::CutOff => lab.connect(victim)?,
            Away::Crashed => lab.revive(victim)?,
        }
        lab.agree(servers)?;
        leader = lab.check_one_leader()?;
    }
    lab.figure("log bytes", largest, Bound::AtMost(MAX_LOG - 1))
}

fn crash_all(lab: &mut Lab) -> Check {
    for server in 0..lab.servers() {
        lab.crash(server)?;
    }
    for server in 0..lab.servers() {
        lab.revive(server)?;
    }
    Ok(())
}

/// Everybody crashes at once, and the indices go on where they were.
fn all_crash(lab: &mut Lab) -> Check {
    let servers = lab.servers();
    lab.agree(servers)?;
    for _ in 0..5 {
        for _ in 0..5 + lab.below(10) {
            lab.agree(servers)?;
        }
        let before = lab.agree(servers)?;
        crash_all(lab)?;
        let after = lab.agree(servers)?;
        lab.expect(after > before, || format!("Index {after} after {before}."))?;
    }
    Ok(())
}

/// A snapshot is still on every disk after a restart with little to write.
fn init(lab: &mut Lab) -> Check {
    let servers = lab.servers();
    lab.agree(servers)?;
    for _ in 0..11 {
        lab.agree(servers)?;
    }
    crash_all(lab)?;
    lab.agree(servers)?;
    crash_all(lab)?;
    lab.agree(servers)?;
    Ok(())
}
