//! After a script: everything is healed, and then there must be service again.

use shardscope_core::id::Gid;
use shardscope_core::sim::{Action, Node, Timeline};
use shardscope_core::time::Duration;

/// How long an election and what follows it may take: a few heartbeats, which are due every second.
const ROUND: Duration = Duration::from_secs(5);

/// Whether somebody is elected, whoever waits gets an answer, a fresh write is served, and all
/// servers of a group come to apply the same. In a sharded store, each group comes to the latest
/// configuration, and no shard is on its way.
pub(super) fn recovers(timeline: &mut Timeline) -> bool {
    let scenario = timeline.scenario().clone();
    attempt(timeline, Action::Heal);
    for server in scenario.server_ids() {
        attempt(timeline, Action::Restart(server));
        attempt(timeline, Action::SlowDisk { server, times: 1 });
    }
    if let Some(client) = scenario.client_ids().next() {
        let command = "put last 1".parse().expect("a command");
        timeline.act(Action::Invoke { client, command }).expect("a client takes one more");
    }
    // One of each group has the best log, and one round is enough to learn the present term.
    scenario.server_ids().chain(scenario.server_ids()).any(|server| {
        attempt(timeline, Action::Campaign(server));
        timeline.advance(timeline.now() + ROUND, u32::MAX);
        is_well(timeline)
    })
}

/// Does it, unless there is no need: a server that is up, or leads, refuses.
fn attempt(timeline: &mut Timeline, action: Action) {
    if let Err(refusal) = timeline.act(action) {
        assert!(!refusal.to_string().is_empty());
    }
}

/// Whether no client waits, and all groups are well.
fn is_well(timeline: &Timeline) -> bool {
    let world = timeline.world();
    let mut clients = world.nodes().iter().filter_map(Node::client);
    let idle = clients.all(|client| !client.clerk().is_busy() && client.queued() == 0);
    idle && world.scenario().groups().all(|group| agrees(timeline, group))
}

/// Whether all servers of a group have applied the same slots, of which there are some, and have
/// all shards that the latest configuration gives them.
fn agrees(timeline: &Timeline, group: Gid) -> bool {
    let world = timeline.world();
    let latest = world.members(Gid(0)).filter_map(|node| node.server()?.machine().controller());
    let latest = latest.map(|sessions| sessions.machine().latest().number).max();
    let mut slots = Vec::new();
    for node in world.members(group) {
        let Some(server) = node.server() else { return false };
        let shards = server.machine().shards();
        if shards.is_some_and(|own| own.is_unfinished() || Some(own.config().number) != latest) {
            return false;
        }
        slots.push(server.applied().0);
    }
    slots.windows(2).all(|two| two[0] == two[1]) && slots.first().is_some_and(|slot| *slot > 0)
}
