//! Points, boxes and the ways that messages take: plain numbers in CSS pixels.

use std::fmt;

use crate::decimal::tenths;
use crate::host;

/// A point of the stage.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Point {
    /// Rightwards.
    pub(crate) x: f64,
    /// Downwards.
    pub(crate) y: f64,
}

impl Point {
    /// The point (`x`, `y`).
    pub(crate) const fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    /// This point moved by `along` times the vector (`dx`, `dy`).
    pub(crate) fn moved(self, (dx, dy): (f64, f64), along: f64) -> Self {
        Self::new(self.x + dx * along, self.y + dy * along)
    }

    /// How far `other` is.
    pub(crate) fn distance(self, other: Self) -> f64 {
        let (dx, dy) = (self.x - other.x, self.y - other.y);
        (dx * dx + dy * dy).sqrt()
    }

    /// The direction from here to `other`, of length one.
    pub(crate) fn towards(self, other: Self) -> (f64, f64) {
        let length = self.distance(other).max(1e-6);
        ((other.x - self.x) / length, (other.y - self.y) / length)
    }

    /// The point between here (`t` = 0) and `other` (`t` = 1).
    pub(crate) fn between(self, other: Self, t: f64) -> Self {
        Self::new(self.x + (other.x - self.x) * t, self.y + (other.y - self.y) * t)
    }
}

/// As SVG writes a point.
impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", tenths(self.x), tenths(self.y))
    }
}

/// A box of the stage.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Frame {
    /// Left edge.
    pub(crate) x: f64,
    /// Upper edge.
    pub(crate) y: f64,
    /// Width.
    pub(crate) w: f64,
    /// Height.
    pub(crate) h: f64,
}

/// The way of a message: a line, or a curve that bends around what stands between.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Way {
    /// Where it begins.
    pub(crate) from: Point,
    /// Where it ends.
    pub(crate) to: Point,
    /// How far the middle is pushed to the right of the straight line.
    pub(crate) bend: f64,
}

impl Way {
    fn control(&self) -> Point {
        let (dx, dy) = self.from.towards(self.to);
        self.from.between(self.to, 0.5).moved((-dy, dx), self.bend)
    }

    /// The place at `t` between 0 and 1, and the heading there in degrees.
    pub(crate) fn at(&self, t: f64) -> (Point, f64) {
        let control = self.control();
        let (a, b) = (self.from.between(control, t), control.between(self.to, t));
        let (dx, dy) = a.towards(b);
        (a.between(b, t), host::angle(dx, dy).to_degrees())
    }

    /// The same way, `by` pixels to the right of it.
    pub(crate) fn beside(&self, by: f64) -> Self {
        let (dx, dy) = self.from.towards(self.to);
        let side = (-dy, dx);
        Self { from: self.from.moved(side, by), to: self.to.moved(side, by), bend: self.bend }
    }

    /// The same way, shortened at its ends; of a short one a part remains.
    pub(crate) fn trimmed(&self, at_start: f64, at_end: f64) -> Self {
        let control = self.control();
        let most = 0.8 * self.from.distance(self.to);
        let share = (most / (at_start + at_end)).min(1.0);
        let (at_start, at_end) = (at_start * share, at_end * share);
        Self {
            from: self.from.moved(self.from.towards(control), at_start),
            to: self.to.moved(self.to.towards(control), at_end),
            bend: self.bend,
        }
    }

    /// How near it comes to `point`, its first and last sixth left out.
    pub(crate) fn clearance(&self, point: Point) -> f64 {
        (3..=17).map(|i| self.at(f64::from(i) / 20.0).0.distance(point)).fold(f64::MAX, f64::min)
    }

    /// As the data of an SVG path.
    pub(crate) fn path(&self) -> String {
        let (a, c, b) = (self.from, self.control(), self.to);
        format!("M{a}Q{c} {b}")
    }
}

/// Whether two lines cross, from end to end each.
pub(crate) fn crosses(one: (Point, Point), other: (Point, Point)) -> bool {
    let side =
        |(a, b): (Point, Point), p: Point| (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x);
    let apart = |line, (a, b)| side(line, a) * side(line, b) < 0.0;
    apart(one, other) && apart(other, one)
}

/// A number as an SVG attribute: at most one decimal.
pub(crate) fn px(value: f64) -> String {
    tenths(value).to_string()
}

/// `value`, or the limit that it is beyond. Rust's own `clamp` would print its limits if they were
/// wrong, and brings all that can print a float.
pub(crate) fn within(value: f64, least: f64, most: f64) -> f64 {
    value.max(least).min(most)
}

/// The data of a closed path through `points`.
pub(crate) fn polygon(points: &[Point]) -> String {
    let mut path = String::new();
    for (i, p) in points.iter().enumerate() {
        path.push_str(&format!("{}{p}", if i == 0 { "M" } else { "L" }));
    }
    path.push('Z');
    path
}

/// The corners of the smallest convex shape around `points`.
pub(crate) fn hull(points: &[Point]) -> Vec<Point> {
    // A few points only: they are put in one by one.
    let mut sorted: Vec<Point> = Vec::new();
    for p in points {
        let before = |q: &Point| q.x.total_cmp(&p.x).then(q.y.total_cmp(&p.y)).is_le();
        sorted.insert(sorted.partition_point(before), *p);
    }
    if sorted.len() < 3 {
        return sorted;
    }
    let half = |points: &mut dyn Iterator<Item = Point>| {
        let mut chain: Vec<Point> = Vec::new();
        for p in points {
            while let [.., a, b] = chain[..] {
                if (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x) > 0.0 {
                    break;
                }
                chain.pop();
            }
            chain.push(p);
        }
        chain.pop();
        chain
    };
    let mut corners = half(&mut sorted.iter().copied());
    corners.extend(half(&mut sorted.iter().rev().copied()));
    corners
}
