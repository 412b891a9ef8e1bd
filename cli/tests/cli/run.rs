//! Scripts, links and histories.

use std::fs;

use super::{folder, said, script};

fn path(name: &str) -> String {
    script(name).to_string_lossy().into_owned()
}

#[test]
fn a_script_that_goes_as_it_says_holds() {
    let here = folder();
    let (code, out, _) = said(here.path(), &["run", &path("figure-8.script")]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("\n> ") && out.contains("it goes as the script says. Digest "), "{out}");
    let (code, short, _) = said(here.path(), &["run", "--verdict", &path("figure-8.script")]);
    assert_eq!((code, short.lines().count()), (0, 1), "{short}");
    assert!(out.ends_with(&short));
}

#[test]
fn a_script_that_asks_why_is_answered() {
    let here = folder();
    let file = path("why/an-entry-waits-for-the-dead.script");
    let (code, out, _) = said(here.path(), &["run", &file]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("\n= Slot 2 is not committed: 2 of 3 must have stored it"), "{out}");
}

#[test]
fn a_mutant_breaks_its_script_and_the_link_shows_it() {
    let here = folder();
    let mutants = fs::read_dir(script("mutants")).expect("there are mutants");
    let first = mutants
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.extension().is_some_and(|end| end == "script"))
        .min()
        .expect("there is one");
    let file = first.to_string_lossy();
    let (code, out, _) = said(here.path(), &["run", "--verdict", &file]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains(", line ") && out.contains(": expected "), "{out}");
    let link = out.lines().last().expect("a link");
    assert!(link.starts_with("http://127.0.0.1:8080/#run="), "{out}");
    // The link and the script lead to one run.
    let (_, by_link, _) = said(here.path(), &["replay", link]);
    let (_, by_script, _) = said(here.path(), &["replay", &file]);
    assert_eq!(by_link, by_script);
    assert!(by_link.contains("Digest "), "{by_link}");
}

#[test]
fn json_is_one_object() {
    let here = folder();
    let file = path("figure-8.script");
    for args in [
        vec!["run", &file, "--json"],
        vec!["replay", &file, "--json"],
        vec!["mutants", "--json"],
        vec!["mutants", "R1", "--json"],
        vec!["conform", "--list", "--json"],
    ] {
        let (code, out, _) = said(here.path(), &args);
        let value: serde_json::Value = serde_json::from_str(&out).expect(&out);
        assert_eq!((code, value.is_null()), (0, false), "{args:?}");
    }
}

#[test]
fn an_exported_history_is_judged_the_same_in_both_formats() {
    let here = folder();
    for (format, file) in [("json", "seven.jsonl"), ("edn", "seven.edn")] {
        let (code, text, _) = said(here.path(), &["export", "--seed", "7", "--format", format]);
        assert_eq!(code, 0);
        fs::write(here.path().join(file), text).expect("there is room");
        let (code, out, _) = said(here.path(), &["check", file, "--model", "all"]);
        assert_eq!((code, out.matches(" holds ").count()), (0, 6), "{out}");
    }
    let convert = ["export", "seven.edn", "--format", "json"];
    let json = fs::read_to_string(here.path().join("seven.jsonl")).expect("it is there");
    assert_eq!(said(here.path(), &convert).1, json);
}

#[test]
fn an_exported_script_is_the_same_run() {
    let here = folder();
    let (code, text, _) = said(here.path(), &["export", "--seed", "3", "--format", "script"]);
    assert_eq!(code, 0);
    fs::write(here.path().join("three.script"), text).expect("there is room");
    let (code, out, _) = said(here.path(), &["replay", "three.script", "--json"]);
    let replayed: serde_json::Value = serde_json::from_str(&out).expect(&out);
    let sweep = ["sweep", "--seeds", "3..4", "--out", "three.jsonl"];
    assert_eq!((code, said(here.path(), &sweep).0), (0, 0));
    let kept = fs::read_to_string(here.path().join("three.jsonl")).expect("it is there");
    let digest = replayed["digest"].as_str().expect("a digest");
    assert!(kept.contains(digest), "{digest}\n{kept}");
}

/// Puts and gets by two processes, one after the other.
fn history(lines: &[&str]) -> String {
    let entry = |line: &&str| {
        let (process, rest) = line.split_once(' ').expect("a process");
        let (verb, value) = rest.split_once(' ').unwrap_or((rest, ""));
        let head = format!("{{:process {process}, :f :{verb}, :key \"x\", :value \"{value}\"");
        format!("{head}, :type :invoke}}\n{head}, :type :ok}}\n")
    };
    lines.iter().map(entry).collect()
}

#[test]
fn each_model_has_its_verdict_and_its_exit_code() {
    let here = folder();
    let write = |name: &str, lines: &[&str]| {
        fs::write(here.path().join(name), history(lines)).expect("there is room");
    };
    write("good", &["0 put 1", "1 get 1"]);
    write("stale", &["0 put 1", "1 get"]);
    write("back", &["0 put 1", "1 get 1", "1 get"]);
    let code = |file: &str, model: &str| said(here.path(), &["check", file, "--model", model]).0;
    let codes = |file: &str| {
        ["linearizable", "sequential", "session", "all"].map(|model| code(file, model))
    };
    assert_eq!(codes("good"), [0, 0, 0, 0]);
    assert_eq!(codes("stale"), [1, 0, 0, 1]);
    assert_eq!(codes("back"), [1, 1, 1, 1]);
    let (_, out, _) = said(here.path(), &["check", "stale"]);
    assert!(out.contains(", but every order that fits leaves "), "{out}");
    let starved = ["check", "stale", "--budget", "0"];
    assert_eq!(said(here.path(), &starved).0, 3);
}

#[test]
fn the_tables_are_played_row_by_row() {
    let here = folder();
    let (code, names, _) = said(here.path(), &["conform", "--list"]);
    assert_eq!(code, 0);
    assert!(names.lines().count() >= 28 + 23 + 42, "{names}");
    let (code, out, _) = said(here.path(), &["conform", "--filter", "TestInitialElection"]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains(" holds ") && out.contains(", 0 runs failed"), "{out}");
}

#[test]
fn every_shell_gets_its_completions() {
    let here = folder();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let (code, out, _) = said(here.path(), &["completions", shell]);
        assert!(code == 0 && out.contains("sweep"), "{shell}");
    }
}
