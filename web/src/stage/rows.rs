//! The rows: each server's log, slot under slot, and what it stores.

use std::sync::Arc;

use shardscope_core::id::Slot;
use shardscope_core::view::{Cell, Health, Progress, Role, Server, Stage, Stored};
use yew::{AttrValue, Html, MouseEvent, Properties, classes, component, html};

use super::disc::state;
use crate::geometry::px;
use crate::intent::{Intent, Pick, Send};
use crate::layout::{CELL, CELL_HEIGHT, GUTTER, Rows, STRIDE};
use crate::words::{self, short};

/// All rows, under their headings.
pub(crate) fn rows(
    stage: &Stage,
    rows: Rows,
    heads: bool,
    pick: Option<&Pick>,
    send: &Send,
) -> Html {
    let last = stage.servers.iter().map(|server| server.log.last.0).max().unwrap_or(0);
    let first = (last + 2).saturating_sub(rows.columns).max(1);
    let lead = super::leader(stage);
    let peers = stage.servers.iter().find_map(|server| match &server.role {
        Role::Leader { peers } if lead == Some(server.id) => Some(peers),
        _ => None,
    });
    html! {
        <g class="rows" data-test="rows">
            if heads && !rows.stacked {
                <text class="head" x={px(rows.log)} y={px(rows.top - 12.0)}>{ words::LOG }</text>
                <text class="head" x={px(rows.store)} y={px(rows.top - 12.0)}>
                    { words::STORE }</text>
            }
            { for stage.servers.iter().enumerate().map(|(i, server)| html! {
                <Row key={server.id.0} server={server} rows={rows} index={i} first={first}
                    progress={peers.and_then(|p| p.iter().find(|p| p.peer == server.id).copied())}
                    chosen={pick == Some(&Pick::Server(server.id))} send={send} />
            }) }
        </g>
    }
}

/// What one row is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct RowProps {
    /// The server.
    pub(crate) server: Arc<Server>,
    /// Where the rows stand.
    pub(crate) rows: Rows,
    /// Which row it is, from 0.
    pub(crate) index: usize,
    /// The slot of the first column.
    pub(crate) first: u64,
    /// What the leader knows of it.
    pub(crate) progress: Option<Progress>,
    /// The inspector shows it.
    pub(crate) chosen: bool,
    /// Where intents go.
    pub(crate) send: Send,
}

/// One server's row.
#[component]
pub(crate) fn Row(props: &RowProps) -> Html {
    let RowProps { server, rows, index, .. } = props;
    let id = server.id;
    let onclick = props.send.reform(move |_: MouseEvent| Intent::Select(Some(Pick::Server(id))));
    let class = classes!("row", state(server), props.chosen.then_some("chosen"));
    let top = rows.top + rows.height * *index as f64;
    let frame = rows.frame;
    let line = rows.line(*index);
    html! {
        <g {class} {onclick} data-test="row" data-server={server.name.clone()}>
            <rect class="band" x={px(frame.x)} y={px(top + 2.0)} width={px(frame.w - 6.0)}
                height={px(rows.height - 4.0)} rx="8" />
            { head(props, line) }
            { gutter(props, line) }
            { for server.log.cells.iter().enumerate().filter_map(|(i, cell)| {
                let before = i.checked_sub(1).and_then(|i| server.log.cells.get(i));
                log_cell(props, before, cell, line)
            }) }
            if server.log.last == Slot(0) {
                <text class="empty" x={px(rows.log)} y={px(line + 4.0)}>{ words::EMPTY_LOG }</text>
            }
            { marks(props, line) }
            { store(props, line) }
        </g>
    }
}

fn head(props: &RowProps, line: f64) -> Html {
    let RowProps { server, rows, .. } = props;
    let x = rows.frame.x + if rows.stacked { 8.0 } else { 12.0 };
    let mid = if rows.stacked { line - CELL_HEIGHT - 10.0 } else { line };
    let (second_x, dy) = if rows.stacked { (x + 92.0, -6.0) } else { (x + 32.0, 0.0) };
    html! {
        <g class="who">
            <circle class="disc" cx={px(x + 12.0)} cy={px(mid)} r="12" />
            <text class="name" x={px(x + 12.0)} y={px(mid + 4.0)}>{ server.name.clone() }</text>
            <text class="role" x={px(x + 32.0)} y={px(mid - 3.0 - dy)}>
                { words::role(server) }</text>
            <text class="term" x={px(second_x)} y={px(mid + 12.0 + dy * 1.3)}>
                { format!("term {}", server.term) }
            </text>
        </g>
    }
}

/// Left of the cells: a snapshot, or a sign that the log goes on.
fn gutter(props: &RowProps, line: f64) -> Html {
    let RowProps { server, rows, first, .. } = props;
    let log = &server.log;
    let top = line - CELL_HEIGHT / 2.0;
    let covered =
        log.snapshot.map_or(0, |snapshot| (snapshot.through.0 + 1).saturating_sub(*first));
    let covered = covered.min(rows.columns);
    if let Some(snapshot) = log.snapshot {
        let width = GUTTER - 4.0 + STRIDE * covered as f64;
        let x = rows.log - GUTTER + 2.0;
        let label = if covered > 1 {
            format!("snapshot {}", snapshot.through)
        } else {
            snapshot.through.to_string()
        };
        return html! {
            <g class="snapshot" data-test="snapshot">
                <title>{ format!("Snapshot through slot {} of term {}, {} bytes (§7)",
                    snapshot.through, snapshot.term, snapshot.bytes) }</title>
                <rect x={px(x)} y={px(top)} width={px(width)} height={px(CELL_HEIGHT)} rx="4" />
                <rect class="inner" x={px(x + 3.0)} y={px(top + 3.0)} width={px(width - 6.0)}
                    height={px(CELL_HEIGHT - 6.0)} rx="2" />
                <text x={px(x + width / 2.0)} y={px(line + 4.0)}>{ label }</text>
            </g>
        };
    }
    if *first > 1 && log.last.0 > 0 {
        let hidden = (*first - 1).min(log.last.0);
        return html! {
            <text class="earlier" x={px(rows.log - 8.0)} y={px(line + 4.0)}>
                <title>{ format!("{} earlier", words::count(hidden, "entry", "entries")) }</title>
                { "…" }
            </text>
        };
    }
    Html::default()
}

fn column(props: &RowProps, slot: u64) -> Option<f64> {
    let column = slot.checked_sub(props.first).filter(|column| *column < props.rows.columns)?;
    Some(props.rows.log + STRIDE * column as f64)
}

fn log_cell(props: &RowProps, before: Option<&Cell>, cell: &Cell, line: f64) -> Option<Html> {
    let x = column(props, cell.slot.0)?;
    let top = line - CELL_HEIGHT / 2.0;
    let start = props.server.log.snapshot.map(|snapshot| snapshot.term);
    let turns =
        before.map(|cell| cell.term).or(start) != Some(cell.term) || cell.slot.0 == props.first;
    let class = if cell.committed { "cell" } else { "cell open" };
    Some(html! {
        <g {class} data-slot={cell.slot.to_string()}>
            <title>{ format!("slot {}, term {}: {}{}", cell.slot, cell.term, cell.detail,
                if cell.committed { "" } else { " (not known to be committed)" }) }</title>
            <rect x={px(x)} y={px(top)} width={px(CELL)} height={px(CELL_HEIGHT)} rx="4" />
            <text x={px(x + CELL / 2.0)} y={px(line + 4.0)}>{ short(&cell.label, 5) }</text>
            if turns {
                <path class="turn" d={format!("M{} {}v{}", px(x - 1.0), px(top - 10.0),
                    px(CELL_HEIGHT + 10.0))} />
                <text class="epoch" x={px(x + 4.0)} y={px(top - 3.0)}>
                    { cell.term.to_string() }</text>
            }
        </g>
    })
}

/// The leader's knowledge of this follower, under its cells: stored up to, and next to send.
fn marks(props: &RowProps, line: f64) -> Html {
    let Some(progress) = props.progress else { return Html::default() };
    let under = line + CELL_HEIGHT / 2.0 + 3.0;
    let name = &props.server.name;
    html! {
        <g class="marks">
            if let Some(x) = column(props, progress.matched.0) {
                <path class="match" d={format!("M{} {}l-5 6h10z", px(x + CELL / 2.0), px(under))}>
                    <title>{ format!("match: the leader knows that {name} stores up to slot {} \
                        (§5.3)", progress.matched) }</title>
                </path>
            }
            if let Some(x) = column(props, progress.next.0) {
                <path class="next" d={format!("M{} {}l-5 6h10z", px(x + CELL / 2.0), px(under))}>
                    <title>{ format!("next: the leader will send {name} slot {} next (§5.3)",
                        progress.next) }</title>
                </path>
            }
        </g>
    }
}

fn store(props: &RowProps, line: f64) -> Html {
    let RowProps { server, rows, .. } = props;
    let mid = if rows.stacked { line - CELL_HEIGHT - 10.0 } else { line };
    if server.health == Health::Down || server.store.is_empty() {
        let words = if server.health == Health::Down { "" } else { words::NOTHING };
        return html! {
            <text class="empty" x={px(rows.store)} y={px(mid + 4.0)}>{ words }</text>
        };
    }
    let mut x = rows.store - 6.0;
    let end = rows.store + rows.store_width;
    let mut parts = Vec::new();
    // The freshest first, so that a change is seen even when there is not room for all.
    let (fresh, rest): (Vec<_>, Vec<_>) = server.store.iter().partition(|stored| stored.fresh);
    let shown =
        if server.store.len() > 4 { [fresh, rest].concat() } else { server.store.iter().collect() };
    for (i, stored) in shown.iter().enumerate() {
        let (label, width) = pair(stored);
        let more = shown.len() - i;
        let spare = if more > 1 { 30.0 } else { 0.0 };
        if x + width + spare > end + 6.0 {
            parts.push(html! {
                <text class="more" x={px(x + 6.0)} y={px(mid + 4.0)}>{ format!("+{more}") }</text>
            });
            break;
        }
        parts.push(html! {
            <g class={if stored.fresh { "pair fresh" } else { "pair" }}>
                <title>{ format!("{} = {}, version {}", short(&stored.key, 200),
                    short(&stored.value, 400), stored.version) }</title>
                <rect x={px(x)} y={px(mid - 12.0)} width={px(width)} height="24" rx="6" />
                <text x={px(x + 6.0)} y={px(mid + 4.0)}>
                    <tspan class="key">{ short(&stored.key, 6) }</tspan>
                    <tspan class="value" dx="6">{ label }</tspan>
                </text>
            </g>
        });
        x += width + 4.0;
    }
    html! { <g class="store" data-test="store">{ parts }</g> }
}

/// A value, by its end if it is long, and the width of its chip.
fn pair(stored: &Stored) -> (AttrValue, f64) {
    let letters = stored.value.chars().count();
    let value: String = if letters > 7 {
        ['…'].into_iter().chain(stored.value.chars().skip(letters - 6)).collect()
    } else {
        stored.value.to_string()
    };
    let key = stored.key.chars().count().min(6);
    let width = 7.4 * (key + value.chars().count()) as f64 + 18.0;
    (value.into(), width)
}
