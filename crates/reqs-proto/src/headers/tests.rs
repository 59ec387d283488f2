use super::*;

#[test]
fn insert_keeps_the_first_position_and_takes_the_new_spelling() {
    let mut headers = Headers::from([("A", "1"), ("B", "2"), ("a", "3")]);
    headers.insert("a", "4");
    assert_eq!(headers.iter().collect::<Vec<_>>(), [("a", "4"), ("B", "2")]);
}
