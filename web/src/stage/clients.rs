//! The clients at the lower edge, each with its operation in words.

use std::sync::Arc;

use shardscope_core::view::Client;
use yew::{Html, MouseEvent, Properties, classes, component, html};

use super::{on_key, on_press, spot_id};
use crate::geometry::{Frame, px};
use crate::intent::{Intent, Pick, Send, Spot};
use crate::words::{self, Names};

/// What a client is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    /// The client.
    pub(crate) client: Arc<Client>,
    /// Its pill.
    pub(crate) frame: Frame,
    /// What steps back says so.
    pub(crate) aside: Option<&'static str>,
    /// The keyboard is on it.
    pub(crate) focus: bool,
    /// The inspector shows it.
    pub(crate) chosen: bool,
    /// What everybody is called.
    pub(crate) names: Names,
    /// Where intents go.
    pub(crate) send: Send,
}

/// A client's pill.
#[component]
pub(crate) fn ClientView(props: &Props) -> Html {
    let Props { client, frame, .. } = props;
    let id = client.id;
    let spot = Spot::Client(id);
    let onclick = props.send.reform(move |_: MouseEvent| Intent::Select(Some(Pick::Client(id))));
    let onfocus = props.send.reform(move |_| Intent::Roam(spot));
    let call = client.call.as_ref();
    // In a narrow pill the word stands under the name, and the operation is left out.
    let narrow = frame.w < 176.0;
    let inset = if narrow { 12.0 } else { 20.0 };
    // Beside the name there is room for so many letters: 12 pixels high, they are 6.4 wide.
    let beside = (frame.w - 2.0 * inset - 8.4 * client.name.len() as f64) / 6.4;
    let fits = |state: &String| !narrow && state.len() as f64 <= beside;
    let state = Some(words::client_state(call, &props.names))
        .filter(fits)
        .unwrap_or_else(|| words::client_brief(call, &props.names));
    let waits = call.is_some_and(|call| call.outcome.is_none());
    // Twelve-pixel monospaced letters are 7.2 wide.
    let room = ((frame.w - 32.0) / 7.6).max(4.0) as usize;
    let chosen = props.chosen.then_some("chosen");
    let shown = if narrow { String::new() } else { words::short(&words::client_call(call), room) };
    let class = classes!(
        "client",
        narrow.then_some("narrow"),
        waits.then_some("waits"),
        chosen,
        props.aside
    );
    let mid = frame.y + frame.h / 2.0;
    html! {
        <g {class} id={spot_id(spot)} role="button" tabindex={if props.focus { "0" } else { "-1" }}
            aria-label={words::client_label(client, &state, &shown)} {onclick} {onfocus}
            data-test="client"
            onkeydown={on_key(spot, &props.send)} data-answered={client.answered.to_string()}>
            <rect class="pill" x={px(frame.x)} y={px(frame.y)} width={px(frame.w)}
                height={px(frame.h)} rx={px(frame.h / 2.0)} />
            <text class="who" x={px(frame.x + inset)} y={px(mid - 4.0)}>
                { client.name.clone() }</text>
            { " " }
            if narrow {
                <text class="state" x={px(frame.x + inset)} y={px(mid + 13.0)}>{ state }</text>
            } else {
                <text class="state" x={px(frame.x + frame.w - inset)} y={px(mid - 4.0)}>
                    { state }
                </text>
                { " " }
                <text class="call" x={px(frame.x + inset)} y={px(mid + 13.0)}>{ shown }</text>
            }
        </g>
    }
}

/// The pill of the clients that have none of their own: it leads to the list of all.
pub(crate) fn rest(frame: Frame, clients: usize, send: &Send) -> Html {
    let onclick = send.reform(|_: MouseEvent| Intent::TextView);
    html! {
        <g class="client narrow" role="button" tabindex="0" {onclick} data-test="rest"
            aria-label={format!("+{clients} clients: the text view lists all")}
            onkeydown={on_press(send, || Intent::TextView)}>
            <rect class="pill" x={px(frame.x)} y={px(frame.y)} width={px(frame.w)}
                height={px(frame.h)} rx={px(frame.h / 2.0)} />
            <text class="who" x={px(frame.x + 12.0)} y={px(frame.y + 18.0)}>
                { format!("+{clients}") }</text>
            { " " }
            <text class="state" x={px(frame.x + 12.0)} y={px(frame.y + 35.0)}>{ "clients" }</text>
        </g>
    }
}
