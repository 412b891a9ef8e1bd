//! The playground.
#![forbid(unsafe_code)]

use yew::{Html, component, html};

fn main() {
    yew::Renderer::<App>::new().render();
}

#[component]
fn App() -> Html {
    html! {
        <main>
            <h1>{ "Shardscope" }</h1>
        </main>
    }
}
