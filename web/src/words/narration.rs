//! What is happening, in one sentence, and what follows from it.

use shardscope_core::id::{NodeId, Slot};
use shardscope_core::view::{Health, Note, Progress, Role, Server, Situation, Stage};

use super::{Names, count, list, server_name};
use crate::stage::reach;

/// One sentence about what is happening, and one line about what follows from it, or about what was
/// said a moment ago.
pub(crate) fn narration(stage: &Stage, names: &Names) -> (String, String) {
    let (sentence, consequence) = situation(stage);
    let voting = matches!(stage.situation, Situation::Election { .. });
    let said = stage.news.filter(|news| voting || !matches!(news.note, Note::VoteRefused { .. }));
    let said = said
        .map(|news| format!("{} {}.", names.of(news.server), news.note.words(&|id| names.of(id))));
    (sentence, said.unwrap_or(consequence))
}

fn situation(stage: &Stage) -> (String, String) {
    let may = |s: &&_| -> bool {
        let server: &Server = s;
        server.health == Health::Up && !server.lost_disk
    };
    let (voters, total) =
        (stage.servers.iter().map(|s| &**s).filter(may).count(), stage.servers.len());
    match stage.situation {
        Situation::Leaderless { .. } | Situation::Election { .. }
            if 2 * voters <= total && stage.servers.iter().any(|server| server.lost_disk) =>
        {
            (
                format!("Only {voters} of {total} servers may vote: nobody can be elected."),
                "A server that lost its disk receives, but its vote does not count.".into(),
            )
        }
        Situation::Leaderless { reach, quorum } if reach < quorum => (
            format!("{reach} of {} servers can talk; {quorum} are needed.", stage.servers.len()),
            "Without a majority nobody can be elected and nothing is decided. Clients wait.".into(),
        ),
        Situation::Leaderless { .. } => (
            leaderless(stage),
            "The first election timer to run down makes its server stand for election.".into(),
        ),
        Situation::Election { candidate, term, pre: true, .. } => (
            format!("{} asks whether it could win an election.", server_name(candidate)),
            format!("Only a majority's yes lets it open term {term}: this is the pre-vote."),
        ),
        Situation::Election { candidate, term, votes, quorum, .. } => (
            format!("{} stands for election in term {term}.", server_name(candidate)),
            format!(
                "It has {} of the {quorum} that it needs.",
                count(votes.into(), "vote", "votes")
            ),
        ),
        Situation::Led { leader, term, rival: Some(rival) } => (
            format!(
                "{} leads in term {term}; {} still believes that it leads.",
                server_name(leader),
                server_name(rival)
            ),
            match 2 * reach(stage, rival) > stage.servers.len() {
                true => format!("{} has not heard of term {term} yet.", server_name(rival)),
                false => format!(
                    "{} reaches no majority: what it accepts is never committed.",
                    server_name(rival)
                ),
            },
        ),
        Situation::Led { leader, term, .. } => led(stage, leader, term.0),
        Situation::Stranded { leader, reach, quorum, .. } => (
            stranded(stage, leader, reach, quorum),
            match others_up(stage, reach) >= quorum {
                true => format!(
                    "It takes {quorum} to commit: its clients wait, and the others may elect anew."
                ),
                false => format!("It takes {quorum} to commit: its clients wait."),
            },
        ),
    }
}

/// How many servers are up beside so many.
fn others_up(stage: &Stage, reached: u32) -> u32 {
    let up = stage.servers.iter().filter(|server| server.health == Health::Up).count();
    (up as u32).saturating_sub(reached)
}

/// What is wrong with a leader that cannot commit: it stands still, is not heard, or does not hear.
fn stranded(stage: &Stage, leader: NodeId, reach: u32, quorum: u32) -> String {
    let (lead, total) = (server_name(leader), stage.servers.len());
    let up = |id| stage.servers.iter().any(|s| s.id == id && s.health == Health::Up);
    if !up(leader) {
        return format!("{lead} leads, but stands still.");
    }
    let others = || stage.servers.iter().map(|s| s.id).filter(|id| *id != leader && up(*id));
    let told = others().filter(|id| !stage.cuts.contains(&(leader, *id))).count();
    let heard = others().filter(|id| !stage.cuts.contains(&(*id, leader))).count();
    if told + 1 < quorum as usize || told <= heard {
        return format!("{lead} leads, but reaches only {reach} of {total}.");
    }
    let reaches = if told + 1 == total { "all".into() } else { told.to_string() };
    let hears = if heard == 0 { "none".into() } else { format!("only {heard}") };
    format!("{lead} leads and reaches {reaches} of the others, but hears {hears} of them.")
}

fn led(stage: &Stage, leader: NodeId, term: u64) -> (String, String) {
    let lead = server_name(leader);
    let down = down(stage);
    let leads = stage.servers.iter().find(|s| s.id == leader);
    let last = leads.map_or(0, |server| server.log.last.0);
    let behind = stage
        .servers
        .iter()
        .filter(|s| s.health == Health::Up && s.log.last.0 + 4 < last)
        .max_by_key(|s| last - s.log.last.0);
    let total = stage.servers.len();
    match (behind, &down[..]) {
        (Some(server), _) if !cut_off(stage, server.id) => (
            format!("{} is catching up.", server.name),
            match leads.and_then(|lead| awaited_snapshot(lead, server.id)) {
                Some(through) => format!(
                    "{lead} sends it its snapshot, through slot {through}: what it lacks is no \
                     longer in the log."
                ),
                None => {
                    let lacks = last - server.log.last.0;
                    format!("{lead} sends it the {lacks} entries that it lacks.")
                }
            },
        ),
        (_, []) if stage.cuts.is_empty() => (
            format!("{lead} leads in term {term}."),
            match total {
                1 => "It decides alone: what is on its disk is committed.".into(),
                _ => "It copies each command to the others. Once a majority stores it, it is \
                      committed."
                    .into(),
            },
        ),
        (_, []) => {
            let away: Vec<String> = stage
                .servers
                .iter()
                .filter(|s| s.id != leader && severed(stage, leader, s.id))
                .map(|s| s.name.clone())
                .collect();
            let verb = if away.len() == 1 { "is" } else { "are" };
            if away.is_empty() {
                return (
                    format!("{lead} leads in term {term} over a damaged network."),
                    "None of its own links is cut, so the store keeps answering.".into(),
                );
            }
            (
                format!("{lead} leads in term {term}; {} {verb} cut off from it.", list(&away)),
                "The rest is still a majority, so the store keeps answering.".into(),
            )
        }
        (_, down) => (format!("{lead} leads in term {term} without {}.", list(down)), {
            let run = format!("{} of {total} servers run: still a majority", total - down.len());
            let lost = stage.servers.iter().filter(|server| super::emptied(server));
            let lost: Vec<String> = lost.map(|server| server.name.clone()).collect();
            match &lost[..] {
                [] => format!("{run}, nothing is lost."),
                [one] => format!("{run}. {one}'s disk is lost; what is committed is not."),
                more => {
                    format!(
                        "{run}. The disks of {} are lost; what is committed is not.",
                        list(more)
                    )
                }
            }
        }),
    }
}

/// The last slot of the snapshot that a leader must send to `peer`, or has sent without an answer.
fn awaited_snapshot(leader: &Server, peer: NodeId) -> Option<Slot> {
    let Role::Leader { peers } = &leader.role else { return None };
    let through = leader.log.snapshot?.through;
    let behind = |p: &&Progress| p.peer == peer && p.matched < through && p.next.0 <= through.0 + 1;
    peers.iter().find(behind).map(|_| through)
}

fn down(stage: &Stage) -> Vec<String> {
    let down = stage.servers.iter().filter(|server| server.health != Health::Up);
    down.map(|server| server.name.clone()).collect()
}

fn leaderless(stage: &Stage) -> String {
    match &down(stage)[..] {
        [] if super::untouched(stage) => "Nobody leads yet.".into(),
        [] => "Nobody leads.".into(),
        [one] => format!("{one} is down and nobody leads."),
        some => format!("{} are down and nobody leads.", list(some)),
    }
}

fn severed(stage: &Stage, a: NodeId, b: NodeId) -> bool {
    stage.cuts.contains(&(a, b)) || stage.cuts.contains(&(b, a))
}

fn cut_off(stage: &Stage, id: NodeId) -> bool {
    stage.cuts.iter().any(|(a, b)| *a == id || *b == id)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use shardscope_core::id::Term;
    use shardscope_core::view::{Compacted, Log, News};

    use super::*;

    fn narration(stage: &Stage) -> (String, String) {
        super::narration(stage, &Names(Default::default()))
    }

    fn server(id: u16, last: u64) -> Server {
        let log = Log { snapshot: None, last: Slot(last), cells: Vec::new(), bytes: last };
        Server {
            id: NodeId(id),
            name: server_name(NodeId(id)),
            health: Health::Up,
            writing: false,
            disk_times: 1,
            drift: 0,
            lost_disk: false,
            role: Role::Follower { leader: Some(NodeId(0)) },
            term: Term(1),
            voted_for: None,
            timer: None,
            log: Arc::new(log),
            commit: Slot(last),
            applied: Slot(last),
            store: Arc::default(),
            sessions: Arc::default(),
            backlog: 0,
        }
    }

    /// S1 leads as many servers as there are logs.
    fn led(servers: &[u64], cuts: &[(u16, u16)]) -> Stage {
        let each = |(id, last)| Arc::new(server(id, last));
        let (leader, term) = (NodeId(0), Term(1));
        let situation = match cuts.len() < 4 {
            true => Situation::Led { leader, term, rival: None },
            false => Situation::Stranded { leader, term, reach: 1, quorum: 3 },
        };
        Stage {
            servers: (0..).zip(servers.iter().copied()).map(each).collect(),
            clients: Vec::new(),
            cuts: cuts.iter().map(|(a, b)| (NodeId(*a), NodeId(*b))).collect(),
            situation,
            news: None,
        }
    }

    #[test]
    fn a_leader_that_hears_nobody_is_said_to_reach_all() {
        let deaf = led(&[3; 5], &[(1, 0), (2, 0), (3, 0), (4, 0)]);
        let said = "S1 leads and reaches all of the others, but hears none of them.";
        assert_eq!(narration(&deaf).0, said);
        let mute = led(&[3; 5], &[(0, 1), (0, 2), (0, 3), (0, 4)]);
        assert_eq!(narration(&mute).0, "S1 leads, but reaches only 1 of 5.");
    }

    #[test]
    fn a_rival_is_said_to_be_alone_only_if_it_is() {
        let mut stage = led(&[3; 5], &[]);
        let rival = |stage: &mut Stage| {
            let (leader, term) = (NodeId(0), Term(2));
            stage.situation = Situation::Led { leader, term, rival: Some(NodeId(1)) };
            narration(stage).1
        };
        assert_eq!(rival(&mut stage), "S2 has not heard of term 2 yet.");
        stage.cuts = [0, 2, 3, 4].map(|other| (NodeId(1), NodeId(other))).into();
        assert!(rival(&mut stage).starts_with("S2 reaches no majority"));
    }

    #[test]
    fn a_lagging_server_gets_entries_or_a_snapshot() {
        let mut stage = led(&[90, 90, 3], &[]);
        assert!(narration(&stage).1.contains("the 87 entries"), "{:?}", narration(&stage));
        let leader = Arc::make_mut(&mut stage.servers[0]);
        let (next, matched) = (Slot(4), Slot(3));
        leader.role = Role::Leader { peers: vec![Progress { peer: NodeId(2), next, matched }] };
        Arc::make_mut(&mut leader.log).snapshot =
            Some(Compacted { through: Slot(85), term: Term(1), bytes: 9 });
        assert!(narration(&stage).1.contains("its snapshot, through slot 85"));
    }

    #[test]
    fn a_sentence_speaks_of_others_only_where_there_are_some() {
        assert!(narration(&led(&[3], &[])).1.starts_with("It decides alone"));
        assert!(narration(&led(&[3; 5], &[])).1.starts_with("It copies"));
        assert!(narration(&led(&[3; 5], &[(1, 2), (2, 1)])).1.starts_with("None of its own links"));
    }

    #[test]
    fn what_a_server_said_stands_under_the_sentence() {
        let mut stage = led(&[3; 5], &[]);
        let note = Note::Truncated { from: Slot(4) };
        stage.news = Some(News { server: NodeId(1), note });
        let (sentence, said) = narration(&stage);
        assert_eq!(sentence, "S1 leads in term 1.");
        assert!(said.starts_with("S2 throws away its entries from slot 4 on"), "{said}");
    }

    #[test]
    fn a_lost_disk_is_not_called_kept() {
        let mut stage = led(&[3; 5], &[]);
        Arc::make_mut(&mut stage.servers[1]).health = Health::Down;
        assert!(narration(&stage).1.ends_with("nothing is lost."));
        let wiped = Server { health: Health::Down, lost_disk: true, ..server(1, 0) };
        stage.servers[1] = Arc::new(wiped);
        assert!(narration(&stage).1.ends_with("S2's disk is lost; what is committed is not."));
    }
}
