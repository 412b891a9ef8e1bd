//! After a script: everything is healed, and then there must be service again.

use shardscope_core::id::NodeId;
use shardscope_core::sim::{Action, Node, Timeline};
use shardscope_core::time::Duration;

/// How long an election and what follows it may take: a few heartbeats, which are due every second.
const ROUND: Duration = Duration::from_secs(5);

/// Whether somebody is elected, whoever waits gets an answer, a fresh write is served, and all
/// servers come to apply the same.
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
    // One of them has the best log, and one round is enough to learn the present term.
    scenario.server_ids().chain(scenario.server_ids()).any(|server| {
        attempt(timeline, Action::Campaign(server));
        timeline.advance(timeline.now() + ROUND, u32::MAX);
        is_well(timeline, &scenario.server_ids().collect::<Vec<_>>())
    })
}

/// Does it, unless there is no need: a server that is up, or leads, refuses.
fn attempt(timeline: &mut Timeline, action: Action) {
    if let Err(refusal) = timeline.act(action) {
        assert!(!refusal.to_string().is_empty());
    }
}

/// Whether no client waits, and all servers have applied the same slots, of which there are some.
fn is_well(timeline: &Timeline, servers: &[NodeId]) -> bool {
    let world = timeline.world();
    let clients = world.nodes().iter().filter_map(Node::client);
    let idle = clients.map(|client| !client.clerk().is_busy() && client.queued() == 0);
    let applied: Vec<u64> =
        servers.iter().filter_map(|id| Some(world.node(*id)?.server()?.applied().0)).collect();
    let same = applied.windows(2).all(|two| two[0] == two[1]);
    idle.into_iter().all(|idle| idle) && same && applied.len() == servers.len() && applied[0] > 0
}
