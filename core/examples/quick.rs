use shardscope_core::sim::*;
use std::sync::Arc;
fn main() {
    let mut s = Scenario::new(1, 3, 2);
    s.snapshot_above = Some(2000);
    s.workload.limit = None;
    let mut w = World::new(Arc::new(s));
    let mut r = Report::default();
    for _ in 0..60 {
        w.step(&mut r);
        println!("{} {} n{} {:?}", r.step, r.at, r.node, r.happened);
        for s in &r.shown {
            println!("      {s:?}");
        }
    }
    let t = std::time::Instant::now();
    let n = 2_000_000;
    for _ in 0..n {
        w.step(&mut r);
    }
    let e = t.elapsed();
    println!(
        "{} steps, {:?}, {:.2} M/s, now {}, digest {:x}",
        n,
        e,
        n as f64 / e.as_secs_f64() / 1e6,
        w.now(),
        w.digest()
    );
    for n in w.nodes() {
        if let Some(c) = n.client() {
            println!("{:?} {}", c.last(), c.answered());
        }
    }
}
