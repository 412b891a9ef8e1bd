//! A server's fields: what is on its disk, and what a crash would take.

use shardscope_core::view::{Role, Server, Stage};
use yew::{Html, html};

use super::choices;
use super::inspector::changing;
use crate::actions;
use crate::intent::Send;
use crate::words;

/// A server's sheet, with why something waits there.
pub(super) fn sheet(
    server: &Server,
    before: &Server,
    stage: &Stage,
    why: Html,
    send: &Send,
) -> Html {
    html! {
        <>
            <p class="lead">{ sentence(server) }</p>
            { why }
            { choices(actions::of_server(server, stage), send) }
            { durable(server, before) }
            { volatile(server, before) }
            { peers(server) }
            { stores(server) }
        </>
    }
}

fn sentence(server: &Server) -> String {
    let who = &server.name;
    let name = |id: &_| words::server_name(*id);
    match (words::role(server), &server.role) {
        ("down", _) if words::emptied(server) => {
            format!("{who} is down and its disk is lost: it will restart with nothing.")
        }
        ("down", _) => {
            format!("{who} is down. What was on its disk will be there when it restarts.")
        }
        ("paused", _) => {
            format!(
                "{who} stands still; {} wait.",
                words::count(server.backlog.into(), "event", "events")
            )
        }
        (_, Role::Leader { .. }) => format!("{who} leads in term {}.", server.term),
        (_, Role::Candidate { votes }) => {
            format!("{who} stands for election with the votes of {}.", votes_of(votes))
        }
        (_, Role::PreCandidate { votes }) => {
            format!("{who} asks whether it could win; yes from {}.", votes_of(votes))
        }
        (_, Role::Follower { leader: Some(leader) }) => format!("{who} follows {}.", name(leader)),
        (_, Role::Follower { leader: None }) => format!("{who} follows nobody yet."),
    }
}

fn votes_of(votes: &[shardscope_core::id::NodeId]) -> String {
    words::list(&votes.iter().map(|id| words::server_name(*id)).collect::<Vec<_>>())
}

fn durable(server: &Server, before: &Server) -> Html {
    let line = |name, value: fn(&Server) -> String| changing(name, value(server), &value(before));
    html! {
        <>
            <h3 title="It survives a crash (§5, figure 2)">{ "On its disk" }</h3>
            <dl>
                { line("term", |server| server.term.to_string()) }
                { line("voted for", |server| {
                    server.voted_for.map_or("nobody".into(), words::server_name)
                }) }
                { line("log", |server| {
                    let before = server.log.snapshot.map_or(0, |snapshot| snapshot.through.0);
                    let own = server.log.last.0.saturating_sub(before);
                    let entries = words::count(own, "entry", "entries");
                    let after =
                        if before > 0 { format!(" after slot {before}") } else { String::new() };
                    format!("{entries}{after}, {} B", server.log.bytes)
                }) }
                { line("snapshot", |server| server.log.snapshot.map_or("none".into(), |snapshot| {
                    format!("to slot {}, {} B", snapshot.through, snapshot.bytes)
                })) }
                if server.disk_times > 1 {
                    { line("a write takes", |server| {
                        format!("{} × as long", server.disk_times)
                    }) }
                }
            </dl>
        </>
    }
}

fn volatile(server: &Server, before: &Server) -> Html {
    let line = |name, value: fn(&Server) -> String| changing(name, value(server), &value(before));
    html! {
        <>
            <h3 title="A crash takes it (§5, figure 2)">{ "In its memory" }</h3>
            <dl>
                { line("committed", |server| format!("to slot {}", server.commit)) }
                { line("applied", |server| format!("to slot {}", server.applied)) }
                { line("election timer", |server| server.timer.map_or("none".into(), |timer| {
                    words::clock(timer.fires.as_micros())
                })) }
                { line("waiting events", |server| server.backlog.to_string()) }
                if server.drift != 0 {
                    { line("its clock", |server| words::drift(server.drift)) }
                }
            </dl>
        </>
    }
}

fn peers(server: &Server) -> Html {
    let Role::Leader { peers } = &server.role else { return Html::default() };
    html! {
        <>
            <h3 title="Where each follower's log is, as the leader knows it (§5.3)">
                { "What it knows of the others" }
            </h3>
            <table>
                <thead><tr><th>{ "server" }</th><th>{ "stores" }</th><th>{ "next" }</th></tr>
                    </thead>
                <tbody>
                    { for peers.iter().map(|peer| html! {
                        <tr>
                            <td>{ words::server_name(peer.peer) }</td>
                            <td>{ format!("to {}", peer.matched) }</td>
                            <td>{ peer.next.to_string() }</td>
                        </tr>
                    }) }
                </tbody>
            </table>
        </>
    }
}

fn stores(server: &Server) -> Html {
    html! {
        <>
            <h3>{ "What it stores" }</h3>
            if server.store.is_empty() {
                <p class="muted">{ "Nothing written yet." }</p>
            } else {
                <table>
                    <thead><tr><th>{ "key" }</th><th>{ "value" }</th><th>{ "version" }</th></tr>
                        </thead>
                    <tbody>
                        { for server.store.iter().take(60).map(|stored| html! {
                            <tr class={stored.fresh.then_some("fresh")}>
                                <td>{ words::short(&stored.key, 40) }</td>
                                <td>{ words::short(&stored.value, 120) }</td>
                                <td>{ stored.version.to_string() }</td>
                            </tr>
                        }) }
                    </tbody>
                </table>
            }
            <h3 title="What makes a repeated request harmless (§8)">
                { "Sessions (duplicate table)" }</h3>
            if server.sessions.is_empty() {
                <p class="muted">{ "No client has written yet." }</p>
            } else {
                <table>
                    <thead><tr><th>{ "client" }</th><th>{ "serial" }</th><th>{ "answer" }</th></tr>
                        </thead>
                    <tbody>
                        { for server.sessions.iter().take(40).map(|line| html! {
                            <tr>
                                <td>{ line.client.clone() }</td>
                                <td>{ line.serial.to_string() }</td>
                                <td>{ words::short(&line.reply, 60) }</td>
                            </tr>
                        }) }
                    </tbody>
                </table>
            }
        </>
    }
}
