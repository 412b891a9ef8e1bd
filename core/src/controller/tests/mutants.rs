//! Each decision taken wrongly breaks the law that should catch it, in a run that breaks none with
//! the decisions as they should be.

use super::laws::judge;
use super::*;
use crate::id::{Incarnation, LogId, MutantId, NodeSet, Slot, Term};
use crate::machine::Sessions;
use crate::protocol::Boot;
use crate::raft::message::Durable;
use crate::raft::message::Snapshot;
use crate::raft::{self, Raft};
use crate::server::{Acts, Server};
use crate::time::{Duration, Instant};

/// The first law that is broken in a run.
fn broken(mutant: MutantId, commands: &[Command]) -> Option<&'static str> {
    let mut controller = Controller::new(10);
    controller.enter(Seat { server: NodeId(0), mutant });
    commands.iter().find_map(|command| {
        let before = controller.clone();
        let reply = controller.apply(command);
        judge(&before, command, &reply, &controller).err()
    })
}

fn breaks(mutant: MutantId, law: &str, commands: &[Command]) {
    assert_eq!(broken(MutantId::Paper, commands), None);
    let found = broken(mutant, commands).unwrap_or("no law");
    assert!(found.starts_with(law), "{mutant:?} breaks {found}, not {law}");
}

#[test]
fn c2_moves_more_than_needed_when_a_third_group_joins() {
    let run = [join(&[1]), join(&[2]), join(&[3])];
    breaks(MutantId::C2, "CI-4", &run);
    let mut controller = changed(10, &run[..2]);
    controller.enter(Seat { server: NodeId(0), mutant: MutantId::C2 });
    let plan = controller.plan(&run[2]).unwrap();
    assert!(plan.moves() > plan.fewest, "{plan:?}");
}

#[test]
fn c3_leaves_shards_with_a_group_that_has_left() {
    breaks(MutantId::C3, "CI-2", &[join(&[1]), leave(&[1])]);
}

/// The machine of a server of a group of three, started from a disk.
fn machine(server: u16, mutant: MutantId, durable: Durable<Sessions<Controller>>) -> Controller {
    let config = raft::Config {
        voters: (0..3).map(NodeId).collect::<NodeSet>(),
        election_min: Duration::from_millis(150),
        election_max: Duration::from_millis(300),
        heartbeat: Duration::from_millis(50),
        append_max: 64,
        window: 256,
        uncommitted_max: 1024,
        pre_vote: true,
        check_quorum: true,
        sticky: true,
    };
    let (id, incarnation) = (NodeId(server), Incarnation(0));
    let boot = Boot { config: config.into(), id, seed: 1, incarnation, durable, mutant };
    let initial = Sessions::around(Controller::new(10), 8);
    let mut acts = Acts::default();
    let server: Server<Raft<Sessions<Controller>>> =
        Server::boot(boot, initial, None, Instant::ZERO, &mut acts);
    server.machine().machine().clone()
}

/// Two joins, of which the first leaves nothing to choose and the second does.
fn applied(mut controller: Controller) -> Controller {
    for change in [join(&[1]), join(&[2, 3])] {
        assert!(matches!(controller.apply(&change), Reply::Changed(_)));
    }
    controller
}

#[test]
fn c1_makes_replicas_differ_that_applied_the_same() {
    let booted = |mutant| (0..3).map(move |id| applied(machine(id, mutant, Durable::default())));
    let sound: Vec<_> = booted(MutantId::Paper).collect();
    assert!(sound.iter().all(|replica| *replica == sound[0]));
    let salted: Vec<_> = booted(MutantId::C1).collect();
    assert!(salted.iter().any(|replica| *replica != salted[0]), "{salted:?}");
    // It breaks no law that one replica could be judged by.
    assert_eq!(broken(MutantId::C1, &[join(&[1]), join(&[2, 3]), leave(&[1])]), None);
}

#[test]
fn a_state_out_of_a_snapshot_takes_the_decisions_of_the_server_that_it_came_to() {
    let fresh = |id| applied(machine(id, MutantId::C1, Durable::default()));
    let (one, other) = (0..3)
        .flat_map(|one| (0..3).map(move |other| (one, other)))
        .find(|(one, other)| fresh(*one) != fresh(*other))
        .expect("replicas that differ");
    let mut taken = Sessions::around(Controller::new(10), 8);
    taken.enter(Seat { server: NodeId(one), mutant: MutantId::C1 });
    let last = LogId { term: Term(1), slot: Slot(5) };
    let snapshot = Snapshot { last, machine: taken };
    let mut durable = Durable::default();
    durable.log.compact(last);
    durable.snapshot = Some(Arc::new(snapshot));
    assert_eq!(applied(machine(other, MutantId::C1, durable)), fresh(other));
}
