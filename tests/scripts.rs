//! The scripts in `tests/scripts`: each is played, must go as it says, and must leave the trace
//! that is kept beside it. `UPDATE=1` writes the traces anew.

use std::path::{Path, PathBuf};
use std::{env, fs};

use shardscope_core::sim::script::{Player, Script, Setting, transcript};
use shardscope_core::sim::{Report, World};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts")
}

/// The names and texts of all scripts that anybody can play.
fn all() -> Vec<(String, String)> {
    inside(&folder())
}

/// The names and texts of the scripts of a folder.
fn inside(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("there is a folder of scripts") {
        let path = entry.expect("its entries can be read").path();
        if path.extension().is_some_and(|extension| extension == "script") {
            let name = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
            let text = fs::read_to_string(&path).expect("a script is text");
            found.push((name, text));
        }
    }
    found.sort();
    found
}

fn parse(name: &str, text: &str) -> Script {
    Script::parse(text).unwrap_or_else(|error| panic!("{name}.script, {error}"))
}

/// A script by name and text, and who plays it.
type Told = (String, String, fn(Script) -> Player);

#[test]
fn every_script_goes_as_it_says_and_leaves_its_trace() {
    let plain = all().into_iter().map(|(name, text)| (name, text, Player::play as fn(_) -> _));
    // Some ask why something is not so: whoever plays them must know reasons.
    let reasons = inside(&folder().join("why")).into_iter();
    let reasons = reasons.map(|(name, text)| (format!("why/{name}"), text, Player::explain as _));
    let all: Vec<Told> = plain.chain(reasons).collect();
    assert!(all.len() >= 20, "{} scripts", all.len());
    leave_their_traces(&all);
}

fn leave_their_traces(all: &[Told]) {
    let update = env::var_os("UPDATE").is_some();
    let mut wrong = Vec::new();
    for (name, text, play) in all {
        let player = play(parse(name, text));
        let trace = transcript(&player);
        if let Some(failure) = player.failure() {
            wrong.push(format!("{name}.script, {failure}"));
        }
        let path = folder().join(format!("{name}.trace"));
        let kept = fs::read_to_string(&path).unwrap_or_default();
        if kept != trace && update {
            fs::write(&path, &trace).expect("the trace can be written");
        } else if kept != trace {
            wrong.push(differs(&format!("{name}.trace"), &kept, &trace));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Where two traces part.
fn differs(name: &str, kept: &str, now: &str) -> String {
    let same = kept.lines().zip(now.lines()).take_while(|(kept, now)| kept == now).count();
    let line = |text: &str| text.lines().nth(same).unwrap_or("(the end)").to_owned();
    format!(
        "{name} differs in line {}:\n  kept: {}\n  now:  {}\nUPDATE=1 keeps the new one: see \
         what it changes.",
        same + 1,
        line(kept),
        line(now)
    )
}

/// The kinds of stories in the page's list, in its order.
const KINDS: [&str; 3] =
    ["One group", "Groups and shards", "A rule is broken, and the last line of the story with it"];

/// The row of a script in the page's list, with what it is sorted by.
fn row(file: &str, text: &str) -> ((usize, u16, String), String) {
    let script = parse(file, text);
    let scenario = script.scenario();
    let kind = if file.starts_with("mutants/") { 2 } else { scenario.sharding.map_or(0, |_| 1) };
    let number = if kind == 2 { scenario.mutant as u16 } else { 0 };
    let row = format!("{}\t{file}.script\t{}\n", KINDS[kind], script.title());
    ((kind, number, file.to_owned()), row)
}

/// The page fetches this list to know which stories there are.
#[test]
fn the_list_for_the_page_has_every_script() {
    let mut rows: Vec<_> = all().iter().map(|(name, text)| row(name, text)).collect();
    for folder_of in ["mutants", "why"] {
        let scripts = inside(&folder().join(folder_of));
        rows.extend(scripts.iter().map(|(name, text)| row(&format!("{folder_of}/{name}"), text)));
    }
    rows.sort();
    let now: String = rows.into_iter().map(|(_, row)| row).collect();
    let path = folder().join("index.txt");
    if env::var_os("UPDATE").is_some() {
        fs::write(&path, &now).expect("the list can be written");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == now, "{}", differs("index.txt", &kept, &now));
}

#[test]
fn every_trace_belongs_to_a_script_and_every_script_asks() {
    let scripts = all();
    for (name, text) in &scripts {
        let script = parse(name, text);
        let player = Player::play(script.clone());
        assert!(!script.title().is_empty(), "{name} has no title");
        assert!(!player.beats().is_empty(), "{name} says nothing");
        assert!(!player.questions().is_empty(), "{name} asks nothing");
        let expects = text.lines().filter(|line| line.trim().starts_with("expect ")).count();
        assert!(expects >= 3, "{name} expects only {expects} things");
    }
    for entry in fs::read_dir(folder()).expect("there is a folder of scripts") {
        let path = entry.expect("its entries can be read").path();
        let stem = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        if path.extension().is_some_and(|extension| extension == "trace") {
            assert!(scripts.iter().any(|(name, _)| *name == stem), "{stem}.trace has no script");
        }
    }
}

#[test]
fn a_script_gives_the_same_run_each_time_and_its_actions_give_it_again() {
    for (name, text) in all() {
        let one = Player::play(parse(&name, &text));
        let two = Player::play(parse(&name, &text));
        let (one, two) = (one.timeline(), two.timeline());
        assert_eq!(one.world(), two.world(), "{name}");
        assert_eq!(one.branch().acts, two.branch().acts, "{name}");
        // The run is its settings and its actions, and nothing that the player did besides.
        let mut world = World::new(one.scenario().clone());
        let mut report = Report::default();
        for acted in &one.branch().acts {
            while world.steps() + 1 < acted.step {
                assert!(world.step(&mut report), "{name}");
            }
            world.act(acted.at, &acted.action, &mut report).expect("it could be done before");
        }
        while world.steps() < one.step_number() {
            assert!(world.step(&mut report), "{name}");
        }
        assert_eq!(world.digest(), one.world().digest(), "{name}");
    }
}

#[test]
fn scripts_print_as_they_are_written() {
    for (name, text) in all().into_iter().chain(inside(&folder().join("why"))) {
        let printed = parse(&name, &text).to_string();
        for (printed, written) in printed.lines().zip(text.lines()) {
            assert_eq!(printed, written, "{name}.script");
        }
        assert_eq!(printed, text, "{name}.script");
    }
}

#[test]
fn the_page_about_scripts_names_every_setting_and_its_examples_go_as_they_say() {
    let page = fs::read_to_string(folder().join("README.md")).expect("there is a page");
    for setting in Setting::ALL {
        assert!(page.contains(&format!("`{}`", setting.name)), "{} is missing", setting.name);
    }
    let blocks = page.split("```text\n").skip(1).filter_map(|rest| rest.split("```").next());
    let (whole, parts): (Vec<&str>, Vec<&str>) =
        blocks.partition(|block| block.starts_with("shardscope script"));
    assert_eq!(whole.len(), 2, "one of a group, one of several");
    for example in whole {
        let player = Player::play(parse("README", example));
        assert_eq!(player.failure().map(ToString::to_string), None);
        assert!(player.questions().iter().all(|question| question.answered.is_some()));
    }
    for part in parts {
        parse("README", &format!("shardscope script 1\nstory\n{part}"));
    }
}
