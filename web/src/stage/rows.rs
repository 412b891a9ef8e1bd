//! The rows: each server's log, slot under slot, and what it stores.

use std::sync::Arc;

use shardscope_core::id::Slot;
use shardscope_core::view::{Cell, Progress, Role, Server, Stage};
use yew::{Html, MouseEvent, Properties, classes, component, html};

use super::disc::state;
use super::store::store;
use crate::geometry::px;
use crate::intent::{Intent, Pick, Send};
use crate::layout::{GUTTER, Rows};
use crate::words::{self, middle};

/// All rows, under their headings.
pub(crate) fn rows(
    stage: &Stage,
    rows: Rows,
    heads: bool,
    pick: Option<&Pick>,
    send: &Send,
) -> Html {
    let last = stage.servers.iter().map(|server| server.log.last.0).max().unwrap_or(0);
    let first = (last + 1).saturating_sub(rows.columns).max(1);
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

/// The rows with the room that these servers' stores need.
pub(crate) fn fitted(stage: &Stage, rows: Rows) -> Rows {
    let lines = rows.store_lines();
    rows.storing(&|room| stage.servers.iter().all(|server| super::store::fits(server, room, lines)))
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
            if log_ends_before(props) {
                <text class="empty" x={px(rows.log)} y={px(line + 4.0)}>
                    { format!("… up to slot {}", server.log.last) }</text>
            }
            { marks(props, line) }
            { store(server, rows, line) }
        </g>
    }
}

/// Whether it has entries, but none in the columns that are shown.
fn log_ends_before(props: &RowProps) -> bool {
    let last = props.server.log.last;
    last > Slot(0) && last.0 < props.first
}

fn head(props: &RowProps, line: f64) -> Html {
    let RowProps { server, rows, .. } = props;
    let x = rows.frame.x + 8.0;
    let mid = if rows.stacked { line - rows.cell - 10.0 } else { line };
    let (dx, dy) = match (rows.stacked, rows.tight) {
        (true, _) => (92.0, 4.0),
        (_, true) => (95.0, 4.0),
        _ => (32.0, 12.0),
    };
    let r = (rows.height / 2.0 - 2.0).min(12.0);
    html! {
        <g class="who">
            <circle class="disc" cx={px(x + 12.0)} cy={px(mid)} r={px(r)} />
            <text class="name" x={px(x + 12.0)} y={px(mid + 4.0)}>{ server.name.clone() }</text>
            <text class="role" x={px(x + 32.0)} y={px(mid + if dx > 32.0 { 4.0 } else { -3.0 })}>
                { words::role(server) }</text>
            <text class="term" x={px(x + dx)} y={px(mid + dy)}>
                { format!("term {}", server.term) }
            </text>
        </g>
    }
}

/// Left of the cells: a snapshot, or a sign that the log goes on.
fn gutter(props: &RowProps, line: f64) -> Html {
    let RowProps { server, rows, first, .. } = props;
    let log = &server.log;
    let top = line - rows.cell / 2.0;
    let covered =
        log.snapshot.map_or(0, |snapshot| (snapshot.through.0 + 1).saturating_sub(*first));
    let covered = covered.min(rows.columns);
    if let Some(snapshot) = log.snapshot {
        let width = GUTTER - 4.0 + rows.stride * covered as f64;
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
                <rect x={px(x)} y={px(top)} width={px(width)} height={px(rows.cell)} rx="4" />
                <rect class="inner" x={px(x + 3.0)} y={px(top + 3.0)} width={px(width - 6.0)}
                    height={px(rows.cell - 6.0)} rx="2" />
                <text x={px(x + width / 2.0)} y={px(line + 4.0)}>{ label }</text>
            </g>
        };
    }
    if *first > 1 && log.last.0 >= *first {
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
    Some(props.rows.log + props.rows.stride * column as f64)
}

fn log_cell(props: &RowProps, before: Option<&Cell>, cell: &Cell, line: f64) -> Option<Html> {
    let rows = &props.rows;
    let x = column(props, cell.slot.0)?;
    let (top, width) = (line - rows.cell / 2.0, rows.cell_width());
    let start = props.server.log.snapshot.map(|snapshot| snapshot.term);
    let turns =
        before.map(|cell| cell.term).or(start) != Some(cell.term) || cell.slot.0 == props.first;
    let class =
        classes!("cell", (!cell.committed).then_some("open"), cell.repeat.then_some("repeat"));
    // Twelve-pixel monospaced letters are 7.2 wide.
    let letters = ((width - 4.0) / 7.2) as usize;
    Some(html! {
        <g {class} data-slot={cell.slot.to_string()}>
            <title>{ words::cell(cell) }</title>
            <rect x={px(x)} y={px(top)} width={px(width)} height={px(rows.cell)} rx="4" />
            <text x={px(x + width / 2.0)} y={px(line + 4.0)}>
                { middle(&cell.label, letters) }</text>
            if turns {
                <path class="turn" d={format!("M{} {}v{}", px(x - 1.0), px(top - 10.0),
                    px(rows.cell + 10.0))} />
                if rows.height >= 30.0 {
                    <text class="epoch" x={px(x + 4.0)} y={px(top - 3.0)}>
                        { cell.term.to_string() }</text>
                }
            }
        </g>
    })
}

/// The leader's knowledge of this follower, under its cells: stored up to, and next to send.
fn marks(props: &RowProps, line: f64) -> Html {
    let rows = &props.rows;
    let Some(progress) = props.progress.filter(|_| !rows.tight) else { return Html::default() };
    let under = line + rows.cell / 2.0 + 3.0;
    let middle = rows.cell_width() / 2.0;
    let name = &props.server.name;
    // The slot after the last one may have no column any more.
    let after = props.first + rows.columns == progress.next.0;
    let after = after.then_some(rows.log + rows.stride * rows.columns as f64 + 6.0);
    let next = column(props, progress.next.0).map(|x| x + middle).or(after);
    html! {
        <g class="marks">
            if let Some(x) = column(props, progress.matched.0) {
                <path class="match" d={format!("M{} {}l-5 6h10z", px(x + middle), px(under))}>
                    <title>{ format!("match: the leader knows that {name} stores up to slot {} \
                        (§5.3)", progress.matched) }</title>
                </path>
            }
            if let Some(x) = next {
                <path class="next" d={format!("M{} {}l-5 6h10z", px(x), px(under))}>
                    <title>{ format!("next: the leader will send {name} slot {} next (§5.3)",
                        progress.next) }</title>
                </path>
            }
        </g>
    }
}
