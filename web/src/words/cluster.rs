//! What is said of a sharded store.

use shardscope_core::id::{Gid, ShardId};
use shardscope_core::view::{
    Assignment, Call, Cluster, Group, Health, Held, Parcel, Passage, Plan, Status, Team, Transfer,
    Whereabouts,
};

use super::{count, list};
use crate::engine::Change;

/// What happens in one group of many.
pub(crate) fn inside(gid: Gid, sentence: &str) -> String {
    match gid.0 {
        0 => format!("Controller: {sentence}"),
        _ => format!("Group {gid}: {sentence}"),
    }
}

/// `group 2`, or nobody.
pub(crate) fn group(gid: Gid) -> String {
    if gid.0 == 0 { "nobody".into() } else { format!("group {gid}") }
}

/// `3 servers · leader S2 · term 4`.
pub(crate) fn team(team: &Team) -> String {
    let leader = team.servers.iter().find(|server| Some(server.id) == team.leader);
    let name = leader.and_then(|server| server.name.rsplit('.').next()).unwrap_or("nobody");
    let servers = count(team.servers.len() as u64, "server", "servers");
    format!("{servers} · leader {name} · term {}", team.term)
}

/// What a controller's card is, for those who listen.
pub(crate) fn controller_label(assignment: &Assignment, of: &Team) -> String {
    format!("Shard controller, {}, configuration {}. Open it.", team(of), assignment.number)
}

/// Over the assigned shards.
pub(crate) fn assigns(assignment: &Assignment) -> String {
    format!("Configuration {} assigns", assignment.number)
}

/// A shard in the controller's card.
pub(crate) fn assigned(shard: u16, owner: Gid) -> String {
    format!("Shard {shard} is assigned to {}.", group(owner))
}

/// The move that is proposed: of a shard with data, if a group serves one.
pub(crate) fn proposal(cluster: &Cluster) -> Change {
    let held = cluster.groups.iter().flat_map(|group| &group.shards);
    let full = held.filter(|held| held.served && held.keys > 0).map(|held| held.shard).min();
    let shard = full.unwrap_or(ShardId(0));
    let owner = cluster.assignment.owners.get(usize::from(shard.0)).copied().unwrap_or_default();
    Change::Move(shard, another(owner.0, &cluster.assignment.members))
}

/// A group to which a shard might go: not its owner.
pub(crate) fn another(owner: u16, members: &[Gid]) -> Gid {
    let next = members.iter().find(|gid| gid.0 > owner).or(members.first());
    next.copied().unwrap_or(Gid(1))
}

/// What a configuration changed, under a head.
pub(crate) fn changes(assignment: &Assignment) -> (String, String) {
    if assignment.number.0 == 0 {
        return ("No group has joined yet.".into(), "Nobody owns a shard.".into());
    }
    let moves: Vec<&Transfer> = assignment.changes.iter().filter(|t| t.is_move()).collect();
    let line = |transfer: &&Transfer| {
        format!("{} moved {} → {}", transfer.shard, transfer.from, transfer.to)
    };
    let head = format!("Against configuration {}", assignment.number.0 - 1);
    let rest = match (assignment.changes.len(), moves.len()) {
        (0, _) => "nothing moved".into(),
        (_, 0) => gained_or_lost(&assignment.changes),
        _ => moves.iter().map(line).collect::<Vec<_>>().join(" · "),
    };
    (head, rest)
}

/// What changed between groups and nobody.
fn gained_or_lost(changes: &[Transfer]) -> String {
    let gained = changes.iter().filter(|transfer| transfer.from.0 == 0).count();
    let shards = |number: usize| count(number as u64, "shard", "shards");
    match (gained, changes.len() - gained) {
        (gained, 0) => format!("{} got an owner", shards(gained)),
        (0, lost) => format!(
            "{} lost {}",
            shards(lost),
            if lost == 1 { "its owner" } else { "their owners" }
        ),
        (gained, lost) => format!("{} got an owner, {lost} lost one", shards(gained)),
    }
}

/// Under a group's name.
pub(crate) fn standing(group: &Group) -> String {
    match group.number {
        None => "no server runs".into(),
        Some(_) if group.left && group.shards.is_empty() => "has left".into(),
        Some(_) if !group.joined && group.shards.is_empty() => "has not joined".into(),
        Some(number) if group.cut => format!("config {number} · cut off"),
        Some(number) => format!("config {number} · {} bytes", group.bytes),
    }
}

/// What a group's card is, for those who listen.
pub(crate) fn group_label(of: &Group) -> String {
    let served: Vec<String> = of.serves().map(|shard| shard.to_string()).collect();
    let serves = match served.len() {
        0 => "serves no shard".into(),
        1 => format!("serves shard {}", served[0]),
        _ => format!("serves shards {}", list(&served)),
    };
    // What is written on the card comes first, so that those who speak to the page can say it.
    format!("Group {} {}, {}, {serves}. Open it.", of.team.gid, standing(of), team(&of.team))
}

/// A shard in a group's card.
pub(crate) fn held(shard: u16, group: &Group, held: Option<&Held>) -> String {
    let gid = group.team.gid;
    let Some(held) = held else {
        if group.number.is_none() {
            return format!(
                "Shard {shard} is assigned to group {gid}, whose servers are all down."
            );
        }
        return format!("Shard {shard} is assigned to group {gid}, which does not know it yet.");
    };
    let (keys, other) =
        (count(held.keys.into(), "key", "keys"), self::group(held.other.unwrap_or_default()));
    match held.status {
        _ if held.served => {
            format!("Group {gid} serves shard {shard}: {keys}, {} bytes.", held.bytes)
        }
        Status::Frozen => format!("Frozen: shard {shard} goes to {other}. {keys}."),
        Status::Awaiting => format!("Awaited: shard {shard} comes from {other}. {keys} so far."),
        Status::Parked => format!("Parked: nobody owns shard {shard}. Group {gid} keeps {keys}."),
        Status::Serving if running(group) * 2 <= group.team.servers.len() => {
            format!("Shard {shard} is with group {gid}, which has no majority: nobody is answered.")
        }
        _ => format!("Shard {shard} is not served just now."),
    }
}

/// On a parcel: how much of it has arrived.
pub(crate) fn parcel(parcel: &Parcel) -> String {
    match parcel.passage {
        Passage::Unexpected => "not expected yet".into(),
        _ if parcel.keys == 0 => "no keys".into(),
        _ => format!("{} of {}", parcel.arrived, count(parcel.keys.into(), "key", "keys")),
    }
}

/// What a parcel is.
pub(crate) fn handing(parcel: &Parcel) -> String {
    format!("Group {} is handing shard {} to group {}.", parcel.from, parcel.shard, parcel.to)
}

/// A client's state where there is little room.
pub(crate) fn client_brief(call: Option<&Call>) -> String {
    match call {
        None => "idle".into(),
        Some(Call { outcome: Some(outcome), .. }) => {
            format!("→ {}", super::short(&outcome.answer, 8))
        }
        Some(Call { attempts, .. }) if *attempts > 1 => format!("try {attempts}"),
        Some(_) => "asks".into(),
    }
}

/// A client's state, and whom it asks.
pub(crate) fn client_state(call: Option<&Call>, whom: Option<Gid>) -> String {
    let Some(call) = call else { return "idle".into() };
    let whom = whom.filter(|gid| gid.0 > 0).map_or("the controller".into(), group);
    match &call.outcome {
        Some(outcome) => format!("→ {} · {whom}", super::short(&outcome.answer, 12)),
        None if call.attempts > 1 => format!("try {} · {whom}", call.attempts),
        None => format!("asks {whom}"),
    }
}

/// What is happening, and what follows from it.
pub(crate) fn narration(cluster: &Cluster) -> (String, String) {
    if let Some(trouble) = trouble(cluster) {
        return trouble;
    }
    let under_way: Vec<&Parcel> =
        cluster.parcels.iter().filter(|parcel| parcel.passage != Passage::Delivered).collect();
    let owns = |gid| cluster.assignment.owners.contains(&gid);
    let headless = cluster.groups.iter().find(|g| g.team.leader.is_none() && owns(g.team.gid));
    match (&*under_way, headless) {
        ([one], _) => (
            handing(one),
            format!(
                "Every other shard keeps answering. Requests for shard {} wait until group {} has \
                 it.",
                one.shard, one.to
            ),
        ),
        ([_, ..], _) => (
            format!("{} shards are on their way.", under_way.len()),
            "Each is served by its new owner as soon as it is there. All others keep answering."
                .into(),
        ),
        ([], Some(group)) => (
            format!("Group {} has no leader.", group.team.gid),
            format!("Requests for its shards wait until it has one.{}", others(cluster, group)),
        ),
        ([], None) if cluster.assignment.number.0 == 0 => {
            ("No group has joined yet.".into(), unjoined(cluster).into())
        }
        ([], None) => settled(cluster),
    }
}

/// What keeps a whole group, or the controller, from answering.
fn trouble(cluster: &Cluster) -> Option<(String, String)> {
    let up = |team: &Team| team.servers.iter().any(|server| server.health == Health::Up);
    if !up(&cluster.controller) {
        return Some((
            "No server of the controller is running.".into(),
            "No shard can move. The groups go on with what they have.".into(),
        ));
    }
    let group = cluster.groups.iter().find(|group| group.joined && !answers(group))?;
    Some(unanswered(cluster, group))
}

/// Why a group does not answer, and what follows.
fn unanswered(cluster: &Cluster, group: &Group) -> (String, String) {
    let (gid, up, all) = (group.team.gid, running(group), group.team.servers.len());
    let sentence = match up {
        0 => format!("No server of group {gid} is running."),
        up if up * 2 <= all => format!("Group {gid} has no majority: {up} of {all} servers run."),
        _ => format!("Group {gid} is cut off: no client reaches it."),
    };
    let until = if up * 2 > all { "the links are mended" } else { "a majority is back" };
    (sentence, format!("Requests for its shards wait until {until}.{}", others(cluster, group)))
}

/// What keeps a group from answering although all is well in it.
pub(crate) fn cut_off(cluster: &Cluster, gid: Gid) -> Option<(String, String)> {
    let group = cluster.groups.iter().find(|group| group.team.gid == gid)?;
    let is_it = group.cut && group.joined && running(group) * 2 > group.team.servers.len();
    is_it.then(|| unanswered(cluster, group))
}

/// How many of its servers run: they have not crashed, and are not paused.
fn running(group: &Group) -> usize {
    group.team.servers.iter().filter(|server| server.health == Health::Up).count()
}

/// Whether it can answer, once it has a leader.
fn answers(group: &Group) -> bool {
    running(group) * 2 > group.team.servers.len() && !group.cut
}

/// That other groups go on, if one does.
fn others(cluster: &Cluster, group: &Group) -> &'static str {
    let mut others = cluster.groups.iter().filter(|other| other.team.gid != group.team.gid);
    let goes_on = |other: &Group| other.team.leader.is_some() && answers(other);
    if others.any(|other| other.serves().next().is_some() && goes_on(other)) {
        " Other groups go on."
    } else {
        ""
    }
}

/// Why nobody has joined.
fn unjoined(cluster: &Cluster) -> &'static str {
    let asks = cluster.clients.last().and_then(|operator| operator.call.as_ref());
    match (asks.is_some_and(|call| call.outcome.is_none()), cluster.controller.leader) {
        (true, None) => "The operator waits for the controller to elect a leader.",
        (true, Some(_)) => {
            "What the operator asked for is on its way through the controller's log."
        }
        (false, _) => "A group that joins is given shards.",
    }
}

fn settled(cluster: &Cluster) -> (String, String) {
    let served: usize = cluster.groups.iter().map(|group| group.serves().count()).sum();
    let all = cluster.assignment.owners.len();
    let groups = cluster.groups.iter().filter(|group| group.serves().next().is_some()).count();
    let verb = if groups == 1 { "serves" } else { "serve" };
    let (served, groups) = (served as u64, count(groups as u64, "group", "groups"));
    if served < all as u64 {
        let rest = if served == 0 { "They" } else { "The others" };
        return (
            format!("{served} of {all} shards are served."),
            format!("{rest} are waiting for their group to come to the configuration."),
        );
    }
    (
        format!("{groups} {verb} {}.", count(served, "shard", "shards")),
        "Move a shard, or crash a leader, and see who keeps answering.".into(),
    )
}

/// What a change would do.
pub(crate) fn plan(plan: &Plan) -> String {
    let moves = count(plan.moves(), "move", "moves");
    let number = plan.config.number;
    let fewest = if plan.moves() == plan.fewest { ", the fewest possible" } else { "" };
    format!("Configuration {number}: {moves} between groups{fewest}.")
}

/// One line of a plan.
pub(crate) fn transfer(transfer: &Transfer) -> String {
    let data = if transfer.carries_data() { ", with its data" } else { "" };
    format!("shard {}: {} → {}{data}", transfer.shard, group(transfer.from), group(transfer.to))
}

/// Where a key is.
pub(crate) fn whereabouts(found: &Whereabouts, shards: usize) -> String {
    let Whereabouts { number, shard, owner, served_by } = *found;
    let serves = match served_by {
        Some(gid) if gid == owner => format!("{} owns it and serves it.", group(owner)),
        Some(gid) => format!("{} owns it, {} still serves it.", group(owner), group(gid)),
        None => format!("{} owns it; nobody serves it now.", group(owner)),
    };
    format!("Hash {number}, modulo {shards} shards: shard {shard}. {}", capital(&serves))
}

fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// The chips' names in the dock.
pub(crate) fn stretch(shard: ShardId, gid: Gid) -> String {
    format!("Group {gid} served shard {shard}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_offered_to_another_group_than_its_owner() {
        let members = [Gid(1), Gid(3), Gid(4)];
        for (owner, to) in [(0, 1), (1, 3), (3, 4), (4, 1)] {
            assert_eq!(another(owner, &members), Gid(to));
        }
    }

    #[test]
    fn a_plan_says_who_gives_what_to_whom() {
        let (shard, holder) = (ShardId(2), Gid(1));
        let moved = Transfer { shard, from: Gid(1), to: Gid(3), holder };
        assert_eq!(transfer(&moved), "shard 2: group 1 → group 3, with its data");
        let first = Transfer { from: Gid(0), holder: Gid(0), ..moved };
        assert_eq!(transfer(&first), "shard 2: nobody → group 3");
    }
}
