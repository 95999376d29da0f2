//! What several runs of one figure say together: the median and the range.

/// The median and the range of one figure over the runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

impl Spread {
    /// Of figures in any order; none of no figures. What is not a number counts as no figure.
    pub(crate) fn of(figures: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = figures.into_iter().filter(|figure| figure.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        let upper = *sorted.get(sorted.len() / 2)?;
        let lower = *sorted.get((sorted.len() - 1) / 2)?;
        Some(Self { median: f64::midpoint(lower, upper), min, max })
    }

    /// `median (min–max)`, or the figure alone where all runs say the same.
    pub(crate) fn text(&self, decimals: usize) -> String {
        let [median, min, max] = [self.median, self.min, self.max].map(|figure| number(figure, decimals));
        if min == max { median } else { format!("{median} ({min}–{max})") }
    }
}

/// The text of a spread, or a dash where nothing was measured.
pub(crate) fn spread(figures: impl IntoIterator<Item = f64>, decimals: usize) -> String {
    Spread::of(figures).map_or_else(|| "–".to_owned(), |spread| spread.text(decimals))
}

/// With a comma between thousands: `12,345.6`.
pub(crate) fn number(value: f64, decimals: usize) -> String {
    let plain = format!("{value:.decimals$}");
    let (whole, fraction) = plain.split_at(plain.find('.').unwrap_or(plain.len()));
    let (sign, digits) = whole.split_at(usize::from(whole.starts_with('-')));
    let mut text = String::from(sign);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text + fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_odd_number_is_the_middle_one() {
        let spread = Spread::of([30.0, 10.0, 20.0]).unwrap();
        assert_eq!((spread.median, spread.min, spread.max), (20.0, 10.0, 30.0));
        assert_eq!(spread.text(0), "20 (10–30)");
    }

    #[test]
    fn the_median_of_an_even_number_is_between_the_middle_two() {
        assert_eq!(Spread::of([4.0, 1.0, 3.0, 2.0]).unwrap().median, 2.5);
    }

    #[test]
    fn runs_that_say_the_same_have_no_range() {
        assert_eq!(spread([1895.44], 1), "1,895.4");
        assert_eq!(spread([49.9, 50.1], 0), "50");
    }

    #[test]
    fn nothing_measured_is_a_dash() {
        assert_eq!(spread([], 0), "–");
        assert_eq!(spread([f64::NAN], 0), "–");
    }

    #[test]
    fn thousands_are_set_apart() {
        let texts = [0.0, 999.0, 1000.0, 86_754.0, 1_234_567.0, -1234.0].map(|value| number(value, 0));
        assert_eq!(texts, ["0", "999", "1,000", "86,754", "1,234,567", "-1,234"]);
        assert_eq!(number(1234.56, 1), "1,234.6");
    }
}
