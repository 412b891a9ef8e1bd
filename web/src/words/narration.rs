//! What is happening, in one sentence, and what follows from it.

use shardscope_core::id::NodeId;
use shardscope_core::view::{Health, Situation, Stage};

use super::{count, list, server_name};

/// One sentence about what is happening, and one line about what follows from it.
pub(crate) fn narration(stage: &Stage) -> (String, String) {
    match stage.situation {
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
            format!(
                "{} reaches no majority: what it accepts is never committed.",
                server_name(rival)
            ),
        ),
        Situation::Led { leader, term, .. } => led(stage, leader, term.0),
        Situation::Stranded { leader, reach, quorum, .. } => (
            format!(
                "{} leads, but reaches only {reach} of {}.",
                server_name(leader),
                stage.servers.len()
            ),
            format!(
                "It takes {quorum} to commit: its clients wait, and the others may elect anew."
            ),
        ),
    }
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
            format!("{lead} sends it the {} entries that it lacks.", last - server.log.last.0),
        ),
        (_, []) if stage.cuts.is_empty() => (
            format!("{lead} leads in term {term}."),
            "It copies each command to the others. Once a majority stores it, it is committed."
                .into(),
        ),
        (_, []) => {
            let away: Vec<String> = stage
                .servers
                .iter()
                .filter(|s| s.id != leader && severed(stage, leader, s.id))
                .map(|s| s.name.clone())
                .collect();
            let verb = if away.len() == 1 { "is" } else { "are" };
            let sentence = if away.is_empty() {
                format!("{lead} leads in term {term} over a damaged network.")
            } else {
                format!("{lead} leads in term {term}; {} {verb} cut off from it.", list(&away))
            };
            (sentence, "The rest is still a majority, so the store keeps answering.".into())
        }
        (_, down) => (
            format!("{lead} leads in term {term} without {}.", list(down)),
            format!(
                "{} of {total} servers run: still a majority, nothing is lost.",
                total - down.len()
            ),
        ),
    }
}

fn down(stage: &Stage) -> Vec<String> {
    let down = stage.servers.iter().filter(|server| server.health != Health::Up);
    down.map(|server| server.name.clone()).collect()
}

fn leaderless(stage: &Stage) -> String {
    match &down(stage)[..] {
        [] if stage.servers.iter().all(|server| server.term.0 == 0) => "Nobody leads yet.".into(),
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
