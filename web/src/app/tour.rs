//! The one obvious thing to do: a walk through a crash, a partition and a rewind.

use shardscope_core::id::{Gid, NodeId};
use shardscope_core::time::Instant;
use shardscope_core::view::{Cluster, Health, Server, Situation, Stage, Team};

use crate::engine::Deed;
use crate::intent::Intent;
use crate::stage::{leader, reach};
use crate::words::server_name;

/// How far the walk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tour {
    /// Nothing was done yet.
    Crash,
    /// A server was crashed.
    Restart,
    /// It came back.
    CutOff,
    /// A minority was cut off.
    Heal,
    /// The network was healed.
    Rewind,
    /// The walk is over.
    Free,
}

/// What the primary button offers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Offer {
    /// In words.
    pub(crate) label: String,
    /// What it sends.
    pub(crate) intent: Intent,
    /// Why it has to wait.
    pub(crate) why_not: Option<&'static str>,
}

impl Tour {
    /// The walk after `deed` was done, by whatever button.
    pub(crate) fn after(self, deed: &Deed, healed: bool) -> Self {
        match (self, deed) {
            (Self::Crash, Deed::Crash(_)) => Self::Restart,
            (Self::Restart, Deed::Restart(_)) => Self::CutOff,
            (Self::CutOff, Deed::CutOff(_) | Deed::Shape(_) | Deed::Cut(_)) => Self::Heal,
            (Self::Heal, _) if healed => Self::Rewind,
            _ => self,
        }
    }

    /// What the primary button offers now; `back` is where a rewind leads.
    pub(crate) fn offer(self, stage: &Stage, back: Option<Instant>) -> Offer {
        let down = stage.servers.iter().find(|server| server.health == Health::Down);
        let cut = !stage.cuts.is_empty();
        match (self, down) {
            // Whoever cut something finds the way back here, whatever the walk is about.
            (Self::Crash | Self::Restart, _) if cut => heal(),
            (Self::Restart, Some(down)) => restart(down.id),
            (Self::CutOff, _) => cut_off(stage),
            (Self::Heal, _) if cut && awaits_leader(stage) => Offer {
                label: "Heal, once a majority has a leader".into(),
                why_not: Some("Wait and see whom the majority elects."),
                ..heal()
            },
            (Self::Heal, _) if cut => heal(),
            (Self::Rewind, _) => Offer {
                label: "Rewind to before the cut".into(),
                intent: Intent::Rewind(back.unwrap_or(Instant::ZERO)),
                why_not: None,
            },
            (Self::Free, _) if cut => heal(),
            (Self::Free, Some(down)) => restart(down.id),
            _ => crash(stage),
        }
    }
}

/// What the primary button offers over all groups: what is cut is mended, what is down comes back
/// and what is paused goes on; where all is well, a leader is crashed.
pub(super) fn over(cluster: &Cluster) -> Offer {
    if cluster.cut {
        return heal();
    }
    let teams = || cluster.groups.iter().map(|group| &group.team);
    let place = |team: &Team, up: &dyn Fn(&Server) -> bool| {
        let at = team.servers.iter().position(|server| up(server))?;
        Some((team.gid, NodeId(at as u16)))
    };
    let down = |server: &Server| server.health == Health::Down;
    let offer = |label, gid, deed| Offer {
        label,
        intent: Intent::Do(Deed::In(gid, Box::new(deed))),
        why_not: None,
    };
    if let Some((gid, id)) = teams().find_map(|team| place(team, &down)) {
        return offer(format!("Restart G{gid}.{}", server_name(id)), gid, Deed::Restart(id));
    }
    let paused = |server: &Server| server.health == Health::Paused;
    if let Some((gid, id)) = teams().find_map(|team| place(team, &paused)) {
        return offer(format!("Let G{gid}.{} go on", server_name(id)), gid, Deed::Resume(id));
    }
    // Of the group that hands something over, if one does; else of one that serves.
    let busy = cluster.parcels.first().map(|parcel| parcel.from);
    let serves = cluster.groups.iter().find(|group| group.serves().next().is_some());
    let first = teams().find(|team| Some(team.gid) == busy).or(serves.map(|group| &group.team));
    let first = first.or(teams().next());
    let lead = first.and_then(|team| place(team, &|server| Some(server.id) == team.leader));
    match (lead, first) {
        (Some((gid, id)), _) => offer(format!("Crash group {gid}'s leader"), gid, Deed::Crash(id)),
        (None, team) => Offer {
            why_not: Some("Nobody leads yet: wait for the election."),
            ..offer("Crash a leader".into(), team.map_or(Gid(1), |t| t.gid), Deed::Heal)
        },
    }
}

/// Whether somebody will be elected, although links are cut: one reaches a majority, both ways.
fn awaits_leader(stage: &Stage) -> bool {
    let led = matches!(stage.situation, Situation::Led { .. });
    let mut up = stage.servers.iter().filter(|server| server.health == Health::Up);
    !led && up.any(|server| 2 * reach(stage, server.id) > stage.servers.len())
}

fn restart(id: NodeId) -> Offer {
    Offer {
        label: format!("Restart {}", server_name(id)),
        intent: Intent::Do(Deed::Restart(id)),
        why_not: None,
    }
}

fn heal() -> Offer {
    Offer { label: "Heal the network".into(), intent: Intent::Do(Deed::Heal), why_not: None }
}

fn crash(stage: &Stage) -> Offer {
    let lead = leader(stage);
    Offer {
        label: "Crash the leader".into(),
        intent: Intent::Do(Deed::Crash(lead.unwrap_or(NodeId(0)))),
        why_not: lead.is_none().then_some("Nobody leads yet: wait for the election."),
    }
}

/// The leader and one follower: always a minority of five or more.
fn cut_off(stage: &Stage) -> Offer {
    let lead = leader(stage);
    let first = lead.unwrap_or(NodeId(0));
    let follower = stage
        .servers
        .iter()
        .map(|server| server.id)
        .cycle()
        .skip(usize::from(first.0) + 1)
        .take(stage.servers.len().saturating_sub(1))
        .find(|id| stage.servers[usize::from(id.0)].health == Health::Up)
        .filter(|_| stage.servers.len() > 4);
    let set: Vec<NodeId> = [Some(first), follower].into_iter().flatten().collect();
    let label = match follower {
        _ if lead.is_none() => "Cut the leader off".into(),
        Some(follower) => {
            format!("Cut {} off with {}", server_name(first), server_name(follower))
        }
        None => format!("Cut {} off", server_name(first)),
    };
    Offer {
        label,
        intent: Intent::Do(Deed::CutOff(set)),
        why_not: lead.is_none().then_some("Nobody leads yet: wait for the election."),
    }
}
