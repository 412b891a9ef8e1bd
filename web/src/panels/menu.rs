//! Menus: a server's actions, and the page's.

use std::rc::Rc;

use shardscope_core::id::NodeId;
use shardscope_core::view::Stage;
use web_sys::{Element, HtmlElement};
use yew::{Callback, FocusEvent, Html, KeyboardEvent, MouseEvent, NodeRef, Properties, TargetCast};
use yew::{component, html, use_effect_with, use_node_ref, use_state};

use super::button;
use crate::actions::{self, Choice};
use crate::decimal::decimal;
use crate::icons::{Icon, icon};
use crate::intent::{Intent, Send, Theme};

/// What a server's menu is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct ServerProps {
    /// The server.
    pub(crate) id: NodeId,
    /// Where the menu opens, in the window.
    pub(crate) at: (f64, f64),
    /// The picture of the moment.
    pub(crate) stage: Rc<Stage>,
    /// Where intents go.
    pub(crate) send: Send,
}

/// A server's menu, beside it.
#[component]
pub(crate) fn ServerMenu(props: &ServerProps) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with(props.at, move |(x, y)| {
            if let Some(menu) = node.cast::<HtmlElement>() {
                place(&menu, *x, *y);
                focus(&menu, 0);
            }
        });
    }
    let Some(server) = props.stage.servers.iter().find(|server| server.id == props.id) else {
        return Html::default();
    };
    let choices = actions::of_server(server, &props.stage);
    let dismiss = props.send.reform(|_: MouseEvent| Intent::Menu(None));
    html! {
        <>
            <div class="veil" onclick={dismiss}></div>
            <div ref={node.clone()} class="menu floating" role="menu"
                aria-label={server.name.clone()}
                tabindex="-1" onkeydown={walk(&node, &props.send)} data-test="server-menu">
                <h2>{ server.name.clone() }</h2>
                { for choices.into_iter().map(|choice| button(choice, &props.send)) }
            </div>
        </>
    }
}

/// Puts a floating menu where it fits; the styles of an element may be set from a program.
fn place(menu: &HtmlElement, x: f64, y: f64) {
    let size = menu.get_bounding_client_rect();
    let window = web_sys::window();
    let limit = |side: Option<Result<wasm_bindgen::JsValue, _>>| {
        side.and_then(Result::ok).and_then(|value| value.as_f64()).unwrap_or(1280.0)
    };
    let width = limit(window.as_ref().map(web_sys::Window::inner_width));
    let height = limit(window.as_ref().map(web_sys::Window::inner_height));
    let left = x.min(width - size.width() - 8.0).max(8.0);
    let top = y.min(height - size.height() - 8.0).max(8.0);
    // A browser without these properties leaves the menu where the sheet puts it.
    let style = menu.style();
    let _ = style.set_property("left", &format!("{}px", decimal(left, 0)));
    let _ = style.set_property("top", &format!("{}px", decimal(top, 0)));
}

pub(super) fn buttons(menu: &HtmlElement) -> Vec<HtmlElement> {
    use wasm_bindgen::JsCast;
    let mut found = Vec::new();
    let mut child = menu.first_element_child();
    while let Some(element) = child {
        child = element.next_element_sibling();
        if element.tag_name() == "BUTTON" && !element.has_attribute("disabled") {
            found.extend(element.dyn_into::<HtmlElement>());
        }
    }
    found
}

fn focus(menu: &HtmlElement, index: usize) {
    let target = buttons(menu).into_iter().nth(index).unwrap_or_else(|| menu.clone());
    // Focus fails only on an element that has left the page.
    let _ = target.focus();
}

fn walk(node: &NodeRef, send: &Send) -> Callback<KeyboardEvent> {
    let (node, send) = (node.clone(), send.clone());
    Callback::from(move |event: KeyboardEvent| {
        let Some(menu) = node.cast::<HtmlElement>() else { return };
        let all = buttons(&menu);
        let target = event.target_dyn_into::<Element>();
        let here = all.iter().position(|b| Some(b.as_ref()) == target.as_ref()).unwrap_or(0);
        let last = all.len().saturating_sub(1);
        let next = match event.key().as_str() {
            "ArrowDown" => {
                if here >= last {
                    0
                } else {
                    here + 1
                }
            }
            "ArrowUp" => here.checked_sub(1).unwrap_or(last),
            "Home" => 0,
            "End" => last,
            "Escape" | "Tab" => {
                event.prevent_default();
                event.stop_propagation();
                send.emit(Intent::Menu(None));
                return;
            }
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        focus(&menu, next);
    })
}

/// What the page's menu is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct PageProps {
    /// Healing the network, if there is anything to heal.
    pub(crate) heal: Choice,
    /// Which colours.
    pub(crate) theme: Theme,
    /// Where intents go.
    pub(crate) send: Send,
}

/// The page's menu, behind one button.
#[component]
pub(crate) fn PageMenu(props: &PageProps) -> Html {
    let open = use_state(|| false);
    let toggle = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| open.set(!*open))
    };
    let onfocusout = {
        let open = open.clone();
        Callback::from(move |event: FocusEvent| {
            let inside = event.current_target_inside();
            if !inside {
                open.set(false);
            }
        })
    };
    let pick = {
        let (open, send) = (open.clone(), props.send.clone());
        Send::from(move |intent| {
            open.set(false);
            send.emit(intent);
        })
    };
    let onkeydown = {
        let open = open.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" && *open {
                event.stop_propagation();
                open.set(false);
            }
        })
    };
    html! {
        <div class="page-menu" {onfocusout} {onkeydown}>
            <button class="tool" onclick={toggle} aria-label="Menu" aria-expanded={open.to_string()}
                data-test="menu">
                { icon(Icon::Menu) }
            </button>
            if *open {
                <div class="menu" role="group" aria-label="Menu" tabindex="-1">
                    { for actions::of_page().into_iter().map(|choice| button(choice, &pick)) }
                    { button(props.heal.clone(), &pick) }
                    { themes(props.theme, &pick) }
                </div>
            }
        </div>
    }
}

fn themes(now: Theme, send: &Send) -> Html {
    let (next, label) = match now {
        Theme::Auto => (Theme::Dark, "Theme: as this machine"),
        Theme::Dark => (Theme::Light, "Theme: dark"),
        Theme::Light => (Theme::Auto, "Theme: light"),
    };
    let choice = Choice {
        label: label.into(),
        intent: Intent::Theme(next),
        why_not: None,
        key: "",
        icon: Icon::Theme,
        test: "theme",
    };
    button(choice, send)
}

trait Inside {
    fn current_target_inside(&self) -> bool;
}

impl Inside for FocusEvent {
    /// Whether the focus stays within the element that listens.
    fn current_target_inside(&self) -> bool {
        use wasm_bindgen::JsCast;
        let to = self.related_target().and_then(|to| to.dyn_into::<web_sys::Node>().ok());
        let here = self
            .target_dyn_into::<Element>()
            .and_then(|at| at.closest(".page-menu").ok().flatten());
        here.is_some_and(|here| here.contains(to.as_ref()))
    }
}
