//! The stage: servers, logs, stores, clients.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::situation::situation;
use crate::controller;
use crate::id::{ClientId, ConfigNumber, Gid, NodeSet, Slot};
use crate::kv::Kv;
use crate::machine::{Machine, Sessions};
use crate::protocol::{Payload, Protocol};
use crate::raft;
use crate::shardkv;
use crate::sim::service;
use crate::sim::store::{self, StoreEntry};
use crate::sim::world::client_of;
use crate::sim::{Node, Timeline, World};
use crate::time::Duration;
use crate::view::{
    Call, Cell, Client, Compacted, Health, Log, Mark, MarkKind, News, Outcome, Progress, Role,
    Server, SessionLine, Stage, Stored, Timer,
};

/// How many entries before those shown are looked through for calls that are repeated.
const EARLIER: u64 = 48;

/// The picture of the moment under the cursor, without what moves: of the only group there is, or
/// of the controller's.
pub fn stage(timeline: &Timeline) -> Stage {
    stage_of(timeline, Gid(0))
}

/// The same of any group of a sharded store, with the links that concern it. A group that there is
/// not has no server.
pub fn stage_of(timeline: &Timeline, gid: Gid) -> Stage {
    let world = timeline.world();
    let concerns = |node| world.scenario().group_of(node).is_none_or(|group| group == gid);
    Stage {
        servers: world.members(gid).map(|node| Arc::new(server(world, node))).collect(),
        clients: clients(world),
        cuts: world.cuts().filter(|(from, to)| concerns(*from) && concerns(*to)).collect(),
        situation: situation(world, gid),
        news: news(timeline, gid),
    }
}

/// The last word that a server of a group said, unless it is old.
fn news(timeline: &Timeline, gid: Gid) -> Option<News> {
    let scenario = timeline.scenario();
    let (marks, step) = (&timeline.chronicle().marks, timeline.step_number());
    let end = marks.partition_point(|mark| mark.step <= step);
    let since = timeline.now() - News::LASTS;
    let recent = marks.range(marks.partition_point(|mark| mark.at < since)..end);
    let news = |mark: &Mark| match mark.kind {
        MarkKind::Said(note) if scenario.group_of(mark.node) == Some(gid) => {
            Some(News { server: mark.node, note })
        }
        _ => None,
    };
    recent.rev().find_map(news)
}

pub(super) fn server(world: &World, node: &Node) -> Server {
    let running = node.server();
    let durable = node.durable().cloned().unwrap_or_default();
    let health = match running {
        None => Health::Down,
        Some(_) if node.is_paused() => Health::Paused,
        Some(_) => Health::Up,
    };
    let replica = running.map(|server| server.replica());
    let commit = replica.map_or(Slot(0), |replica| replica.commit());
    let machine = running.map(|server| server.machine());
    let log = replica.map_or(&durable.log, |replica| replica.log());
    let hard = replica.map_or(durable.hard, |replica| replica.hard_state());
    let applied = running.map_or(Slot(0), |server| server.applied());
    Server {
        id: node.id(),
        name: world.scenario().name(node.id()),
        health,
        writing: node.is_writing(),
        disk_times: node.disk_times(),
        drift: node.clock().drift(),
        lost_disk: durable.lost,
        role: replica.map_or(Role::Follower { leader: None }, |replica| role(replica.role())),
        term: hard.term,
        voted_for: hard.vote,
        timer: replica.and_then(|replica| timer(node, replica)),
        log: Arc::new(cells(log, commit, &durable)),
        commit,
        applied,
        store: Arc::new(machine.map_or_else(Vec::new, store)),
        sessions: Arc::new(machine.map_or_else(Vec::new, sessions)),
        backlog: node.backlog() as u32,
    }
}

fn role(role: &raft::Role) -> Role {
    let names = |votes: &NodeSet| votes.iter().collect();
    match role {
        raft::Role::Follower { leader, .. } => Role::Follower { leader: *leader },
        raft::Role::PreCandidate { votes, .. } => Role::PreCandidate { votes: names(votes) },
        raft::Role::Candidate { votes, .. } => Role::Candidate { votes: names(votes) },
        raft::Role::Leader(leader) => {
            let progress = |peer: &raft::Peer| Progress {
                peer: peer.id,
                next: peer.next,
                matched: peer.matched,
            };
            Role::Leader { peers: leader.peers.iter().map(progress).collect() }
        }
    }
}

fn timer(node: &Node, replica: &store::Replica) -> Option<Timer> {
    replica.alarm()?;
    let timer = match replica.role() {
        raft::Role::Follower { timer, .. }
        | raft::Role::PreCandidate { timer, .. }
        | raft::Role::Candidate { timer, .. } => timer,
        raft::Role::Leader(_) => return None,
    };
    let clock = node.clock();
    let fires = clock.global(timer.fires);
    // The clock may have been set since: keep the arc's length, on the world's time.
    let length = timer.fires.since(timer.set).as_micros();
    Some(Timer { set: fires - Duration::from_micros(length), fires })
}

fn cells(log: &store::Log, commit: Slot, durable: &store::Durable) -> Log {
    let last = log.last().slot;
    let first = Slot((last.0 + 1).saturating_sub(Log::SHOWN as u64));
    let mut repeats = repeats(log, first, durable);
    let cell = |(slot, entry): (Slot, &StoreEntry)| Cell {
        slot,
        term: entry.term,
        label: label(entry),
        detail: detail(entry),
        committed: slot <= commit,
        repeat: repeats(slot, entry),
    };
    let snapshot = durable.snapshot.as_ref().map(|snapshot| Compacted {
        through: snapshot.last.slot,
        term: snapshot.last.term,
        bytes: snapshot.machine.bytes(),
    });
    Log { snapshot, last, cells: log.from(first).map(cell).collect(), bytes: log.bytes() }
}

/// Tells for one entry after the other, from `first` on, whether its call stands in an earlier slot
/// already: in the snapshot or among the entries shown or shortly before them.
fn repeats(
    log: &store::Log,
    first: Slot,
    durable: &store::Durable,
) -> impl FnMut(Slot, &StoreEntry) -> bool {
    let snapshot = durable.snapshot.as_ref();
    let through = snapshot.map_or(Slot(0), |snapshot| snapshot.last.slot);
    let stores = snapshot.into_iter().flat_map(|snapshot| snapshot.machine.stores());
    let known = stores.flat_map(|store| store.table().iter());
    // A handful of clients: no map is needed.
    let mut last: Vec<_> = known.map(|(client, session)| (*client, session.last)).collect();
    let mut repeats = move |slot: Slot, entry: &StoreEntry| match &entry.payload {
        // Its call is in the table because of itself.
        _ if slot <= through => false,
        Payload::Command(command) => {
            let Some(call) = command.call() else { return false };
            match last.iter_mut().find(|(client, _)| *client == call.client) {
                Some((_, last)) if call.serial <= *last => return true,
                Some((_, last)) => *last = call.serial,
                None => last.push((call.client, call.serial)),
            }
            false
        }
        Payload::Noop => false,
    };
    let earlier = Slot(first.0.saturating_sub(EARLIER));
    for (slot, entry) in log.from(earlier).take_while(|(slot, _)| *slot < first) {
        repeats(slot, entry);
    }
    repeats
}

fn label(entry: &StoreEntry) -> String {
    match &entry.payload {
        Payload::Noop => "no-op".into(),
        Payload::Command(command) => match command.call() {
            Some(call) => call.command.label(),
            None => short(command),
        },
    }
}

/// A command that is no client's operation on a key, in a word or two.
fn short(command: &service::Command) -> String {
    match command {
        service::Command::Shards(shardkv::Command::Configure(config)) => {
            format!("config {}", config.number)
        }
        service::Command::Shards(shardkv::Command::Install(install)) => {
            format!("install {}", install.shard)
        }
        service::Command::Shards(shardkv::Command::Delete { shard, .. }) => {
            format!("delete {shard}")
        }
        other => other.to_string(),
    }
}

fn detail(entry: &StoreEntry) -> String {
    match &entry.payload {
        Payload::Noop => "no-op: a new leader's first entry (§8)".into(),
        Payload::Command(command) => match command.call() {
            Some(call) => {
                format!("{} · {}, number {}", call.command, owner(call.client), call.serial)
            }
            None => command.to_string(),
        },
    }
}

/// Of so many configurations, the latest, a controller's server is said to have.
const CONFIGS: u64 = 4;

/// Whose session it is.
fn owner(session: ClientId) -> String {
    match client_of(session) {
        Some(client) => format!("client {client}"),
        None => "from outside".into(),
    }
}

fn store(machine: &store::Machine) -> Vec<Stored> {
    if let Some(controller) = machine.controller() {
        return configurations(controller.machine());
    }
    let stores = machine.stores().map(Sessions::machine);
    let stored = stores.flat_map(|store| {
        store.iter().map(|(key, cell)| Stored {
            key: key.clone(),
            value: cell.value.clone(),
            version: cell.version,
            fresh: store.latest() == Some(key),
        })
    });
    stored.collect()
}

/// The configurations that a controller holds, the latest first: who owns which shards.
fn configurations(controller: &controller::Controller) -> Vec<Stored> {
    let latest = controller.latest().number.0;
    let mut all = Vec::new();
    for number in (latest.saturating_sub(CONFIGS - 1)..=latest).rev() {
        let config = controller.config(Some(ConfigNumber(number)));
        let mut value = String::new();
        for gid in config.gids() {
            value += &format!("{}G{gid}:", if value.is_empty() { "" } else { " · " });
            for (shard, owner) in config.shards.iter().enumerate() {
                if *owner == gid {
                    value += &format!(" {shard}");
                }
            }
        }
        let value = if value.is_empty() { "no group" } else { &value };
        let key = format!("config {number}").as_str().into();
        all.push(Stored { key, value: value.into(), version: number, fresh: false });
    }
    all
}

/// Each shard has a table of its own.
fn sessions(machine: &store::Machine) -> Vec<SessionLine> {
    let mut lines = Vec::new();
    let mut add = |sessions: &Sessions<Kv>, place: &str| {
        for (client, session) in sessions.table().iter() {
            let (client, reply) = (owner(*client) + place, session.reply.to_string());
            lines.push(SessionLine { client, serial: session.last.0, reply });
        }
    };
    if let Some(shards) = machine.shards() {
        for (shard, holding) in shards.holdings() {
            if let Some(data) = holding.data() {
                add(data, &format!(", shard {shard}"));
            }
        }
    } else if let Some(store) = machine.store() {
        add(store, "");
    }
    lines
}

/// All clients, by number.
pub(super) fn clients(world: &World) -> Vec<Arc<Client>> {
    world.nodes().iter().filter_map(|node| client(world, node)).map(Arc::new).collect()
}

fn client(world: &World, node: &Node) -> Option<Client> {
    let client = node.client()?;
    let call = order(node).or_else(|| {
        client.last().map(|call| Call {
            operation: call.command.to_string(),
            since: call.since,
            attempts: call.attempts,
            server: call.server,
            outcome: call.returned.as_ref().map(|(at, by, reply)| Outcome {
                answer: super::answer(reply.as_ref()),
                server: *by,
                took: at.since(call.since),
            }),
        })
    });
    Some(Client {
        id: node.id(),
        name: world.scenario().name(node.id()),
        call,
        queued: client.queued() as u32,
        answered: client.answered(),
    })
}

/// What a client is about, if that is the configuration.
fn order(node: &Node) -> Option<Call> {
    let client = node.client()?;
    let order = client.order().filter(|it| it.serial == client.clerk().serial())?;
    let server = match &order.returned {
        Some((_, by, _)) => *by,
        None => client.clerk().sharded()?.controller()?,
    };
    Some(Call {
        operation: order.command.to_string(),
        since: order.since,
        attempts: client.clerk().attempts(),
        server,
        outcome: order.returned.as_ref().map(|(at, by, reply)| Outcome {
            answer: reply.as_ref().map_or_else(|| super::answer(None), change),
            server: *by,
            took: at.since(order.since),
        }),
    })
}

/// What the controller made of an order, short.
fn change(reply: &controller::Reply) -> String {
    match reply {
        controller::Reply::Config(config) => format!("config {}", config.number),
        controller::Reply::Changed(number) => format!("config {number}"),
        controller::Reply::Refused(_) => "refused".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::NodeId;
    use crate::kv::Command;
    use crate::raft::note::Note;
    use crate::rng::Ppm;
    use crate::sim::workload::Pace;
    use crate::sim::{Action, Scenario};
    use crate::time::Instant;
    use crate::view::Situation;

    #[test]
    fn only_what_changed_the_store_is_lit() {
        let mut scenario = Scenario::new(3, 3, 1);
        scenario.workload.pace = Pace::Silent;
        scenario.read_index = false;
        let mut timeline = Timeline::new(scenario);
        timeline.advance(Instant::from_micros(1_000_000), u32::MAX);
        let mut lit = |command: &str| {
            let command: Command = command.parse().expect("a command");
            timeline.act(Action::Invoke { client: NodeId(3), command }).expect("it listens");
            timeline.advance(timeline.now() + Duration::from_millis(200), u32::MAX);
            let server = stage(&timeline).servers[0].clone();
            let fresh = server.store.iter().filter(|stored| stored.fresh);
            fresh.map(|stored| stored.key.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(lit("put x 1"), ["x"]);
        assert_eq!(lit("put y 1"), ["y"]);
        assert_eq!(lit("cas x 9 1"), ["y"], "the condition did not hold");
        assert_eq!(lit("get x"), ["y"], "it only read");
        assert_eq!(lit("cas x 1 2"), ["x"]);
        assert_eq!(lit("delete z"), ["x"], "it was not there");
        assert!(lit("delete y").is_empty(), "what is gone is not lit");
    }

    #[test]
    fn entries_thrown_away_are_news_for_a_moment() {
        let mut timeline = Timeline::new(Scenario::new(3, 5, 2));
        let run = |timeline: &mut Timeline, millis| {
            timeline.advance(timeline.now() + Duration::from_millis(millis), u32::MAX);
        };
        run(&mut timeline, 1_000);
        let Situation::Led { leader, .. } = stage(&timeline).situation else {
            panic!("nobody leads after a second")
        };
        timeline.act(Action::Isolate(leader)).expect("it runs");
        run(&mut timeline, 1_000);
        timeline.act(Action::Heal).expect("links are cut");
        let thrown = |timeline: &Timeline| match stage(timeline).news {
            Some(News { server, note: Note::Truncated { .. } }) => Some(server),
            _ => None,
        };
        while thrown(&timeline).is_none() {
            assert!(timeline.step_forward());
        }
        assert_eq!(thrown(&timeline), Some(leader));
        let known = timeline.now();
        run(&mut timeline, 2 * News::LASTS.as_micros() / 1_000);
        assert_eq!(thrown(&timeline), None, "it is old by now");
        timeline.seek(known - Duration::from_micros(1));
        assert_eq!(thrown(&timeline), None, "it lies ahead");
        timeline.seek(known);
        assert_eq!(thrown(&timeline), Some(leader));
    }

    #[test]
    fn an_entry_is_a_repeat_when_its_call_stands_before_it() {
        let mut found = 0;
        for seed in 0..6 {
            let mut scenario = Scenario::new(seed, 3, 2);
            scenario.network.loss = Ppm(300_000);
            scenario.snapshot_above = None;
            let mut timeline = Timeline::new(scenario);
            for tick in 1..40 {
                let until = Instant::from_micros(tick * 100_000);
                timeline.advance(until, u32::MAX);
                for server in stage(&timeline).servers {
                    let cells = &server.log.cells;
                    for (i, cell) in cells.iter().enumerate() {
                        let same = |other: &Cell| other.detail == cell.detail;
                        let before = cells[..i].iter().any(same) && cell.label != "no-op";
                        // All of a short log is shown.
                        assert!(cell.repeat || !before, "seed {seed}: {}", cell.detail);
                        assert!(cell.repeat == before || cells[0].slot > Slot(1), "seed {seed}");
                        found += u32::from(before);
                    }
                }
            }
        }
        assert!(found > 0, "no call was ever repeated");
    }
    #[test]
    fn a_server_shows_whom_it_remembers_with_what_they_were_told() {
        let mut scenario = Scenario::new(3, 3, 2);
        scenario.workload.pace = Pace::Silent;
        let mut timeline = Timeline::new(scenario);
        timeline.advance(Instant::from_micros(1_000_000), u32::MAX);
        for (client, command) in [(3, "put x 1"), (4, "append x 2")] {
            let command: Command = command.parse().expect("a command");
            timeline.act(Action::Invoke { client: NodeId(client), command }).expect("it listens");
            timeline.advance(timeline.now() + Duration::from_millis(300), u32::MAX);
        }
        for server in stage(&timeline).servers {
            let lines = server.sessions.iter();
            let told = lines.map(|line| (&*line.client, line.serial, &*line.reply));
            let told: Vec<_> = told.collect();
            assert_eq!(told.len(), 2, "{told:?}");
            assert!(told[0].0 == "client 1" && told[1].0 == "client 2", "{told:?}");
            assert!(told.iter().all(|(_, serial, reply)| *serial == 1 && !reply.is_empty()));
        }
    }
}
