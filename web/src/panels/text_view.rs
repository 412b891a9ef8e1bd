//! The same moment as tables: for those who listen, and for tests.

use std::rc::Rc;

use shardscope_core::time::Instant;
use shardscope_core::view::{Dock, Flight, Invariant, Stage};
use yew::{Html, MouseEvent, Properties, component, html};

use crate::intent::{Intent, Send};
use crate::words::{self, Names};

/// Its name in the document.
pub(crate) const TEXT_VIEW: &str = "text-view";
/// More lines than this are only counted.
const SHOWN: usize = 80;

/// What the tables are drawn from.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    /// The picture of the moment.
    pub(crate) stage: Rc<Stage>,
    /// The messages in the air.
    pub(crate) flights: Rc<Vec<Flight>>,
    /// What happened.
    pub(crate) dock: Rc<Dock>,
    /// The invariants.
    pub(crate) invariants: Rc<Vec<Invariant>>,
    /// What everybody is called.
    pub(crate) names: Names,
    /// Where intents go.
    pub(crate) send: Send,
}

/// The text view.
#[component]
pub(crate) fn TextView(props: &Props) -> Html {
    let close = props.send.reform(|_: MouseEvent| Intent::TextView);
    html! {
        <div class="text-view" id={TEXT_VIEW} data-test="text-view" tabindex="0" role="region"
            aria-label="Text view">
            <button class="secondary" onclick={close} data-test="text-view-close">
                { "Back to the picture" }
            </button>
            { servers(&props.stage) }
            { stores(&props.stage) }
            { clients(&props.stage, &props.names) }
            { links(&props.stage) }
            { flights(&props.flights, &props.stage) }
            { operations(&props.dock, &props.stage) }
            { invariants(&props.invariants) }
        </div>
    }
}

fn table(caption: &str, heads: &[&str], rows: Vec<Vec<String>>, none: &str) -> Html {
    let hidden = rows.len().saturating_sub(SHOWN);
    html! {
        <div class="box">
            <table>
                <caption>{ caption.to_owned() }</caption>
                <thead><tr>
                    { for heads.iter().map(|h| html! {
                        <th scope="col">{ h.to_string() }</th>
                    }) }
                </tr></thead>
                <tbody>
                    if rows.is_empty() {
                        <tr><td colspan={heads.len().to_string()}>{ none.to_owned() }</td></tr>
                    }
                    { for rows.into_iter().skip(hidden).map(|row| html! {
                        <tr>
                            { for row.into_iter().map(|cell| html! {
                                <td>{ words::short(&cell, 200) }</td>
                            }) }
                        </tr>
                    }) }
                    if hidden > 0 {
                        <tr><td colspan={heads.len().to_string()}>
                            { format!("and {hidden} before them") }</td></tr>
                    }
                </tbody>
            </table>
        </div>
    }
}

fn servers(stage: &Stage) -> Html {
    let rows = stage.servers.iter().map(|server| {
        let log = server.log.cells.iter().map(|cell| {
            let open = if cell.committed { "" } else { "?" };
            format!("{}:{}@{}{open}", cell.slot, cell.label, cell.term)
        });
        vec![
            server.name.clone(),
            words::health(server.health).into(),
            words::role(server).into(),
            server.term.to_string(),
            server.voted_for.map_or("–".into(), words::server_name),
            format!("{} of {}", server.commit.0.min(server.log.last.0), server.log.last),
            log.collect::<Vec<_>>().join("  "),
        ]
    });
    table(
        "Servers (in the log, slot:command@term; ? is not known to be committed)",
        &["Server", "State", "Role", "Term", "Voted for", "Committed", "Log"],
        rows.collect(),
        "There are none.",
    )
}

fn stores(stage: &Stage) -> Html {
    let rows = stage.servers.iter().map(|server| {
        let pairs = server.store.iter().map(|s| format!("{} = {}", s.key, s.value));
        vec![server.name.clone(), pairs.collect::<Vec<_>>().join(", ")]
    });
    table("What each server stores", &["Server", "Keys and values"], rows.collect(), "")
}

fn clients(stage: &Stage, names: &Names) -> Html {
    let rows = stage.clients.iter().map(|client| {
        let call = client.call.as_ref();
        vec![
            client.name.clone(),
            words::client_call(call),
            words::client_state(call, names),
            client.answered.to_string(),
        ]
    });
    table("Clients", &["Client", "Operation", "State", "Answered so far"], rows.collect(), "None.")
}

fn links(stage: &Stage) -> Html {
    let rows = stage.cuts.iter().map(|(a, b)| vec![words::node(stage, *a), words::node(stage, *b)]);
    table("Links that are cut", &["From", "To"], rows.collect(), "Every link is whole.")
}

fn flights(flights: &[Flight], stage: &Stage) -> Html {
    let rows = flights.iter().map(|flight| {
        vec![
            words::shape(flight.shape).into(),
            words::node(stage, flight.from),
            words::node(stage, flight.to),
            flight.words.clone(),
            words::fate(flight).into(),
        ]
    });
    table("Messages in flight", &["Kind", "From", "To", "Content", "Fate"], rows.collect(), "None.")
}

fn operations(dock: &Dock, stage: &Stage) -> Html {
    let clock = |at: Instant| words::clock(at.as_micros());
    let rows = dock.operations.iter().map(|operation| {
        let (answer, when) = match &operation.returned {
            Some((at, answer)) => (answer.clone(), clock(*at)),
            None => ("none yet".into(), "–".into()),
        };
        vec![
            words::node(stage, operation.client),
            operation.words.clone(),
            clock(operation.called),
            answer,
            when,
        ]
    });
    table(
        "Clients' operations on the time axis",
        &["Client", "Operation", "Called", "Answer", "Returned"],
        rows.collect(),
        "None yet.",
    )
}

fn invariants(invariants: &[Invariant]) -> Html {
    let rows = invariants.iter().map(|invariant| {
        let state = invariant.broken.as_ref().map_or("holds".into(), |broken| broken.words.clone());
        vec![invariant.id.into(), invariant.name.into(), state, invariant.meaning.into()]
    });
    table("Invariants", &["Id", "Name", "State", "Meaning"], rows.collect(), "None.")
}
