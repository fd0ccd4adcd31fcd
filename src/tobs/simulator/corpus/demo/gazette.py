"""A small town's news channel: January to June 2026."""

PLAY = """
= 2026-01-05 06:00
* gazette creates Harbour Gazette
post: <b>Good morning, and a happy new year.</b>
    This channel brings the town's news, once or twice a day, without shouting. Tips and corrections: gazette@example.org {pin, views 4120, forwards 61, 👍88 ❤️31}
= 2026-01-07 16:30
post: [photo gazette-ice-harbour] <b>The harbour is frozen for the first time since 2018.</b>
    The ferry runs, but takes eight minutes longer. Please do not walk on the ice: it is four centimetres at the ladder and none at all where the warm water of the brewery comes in. {views 3890, forwards 102, 😱41 ❤️77}
= 2026-01-09 06:00
post: <b>Three lines for the weekend</b>
    • Saturday 10:00, swap market in the sports hall
    • Saturday 18:00, organ concert, St. Nikolai, entry free
    • Sunday all day: bakery Jensen is closed, the oven is being repaired {views 3311, forwards 12, 👍40 😢63}
= 2026-01-15 17:05
post: <b>Council: bridge on Mühlenweg stays closed until April.</b>
    A diver found a crack in the second bearing. Cyclists may use the footpath by the locks; the school bus starts ten minutes earlier. The full report has 44 pages and is more exciting than you think. {views 4402, forwards 230, 😢34 🤔22, signed Karin Thode}
post: [file bridge-report-2026.pdf | 6140] The report {views 1804, forwards 55, signed Karin Thode}
= 2026-01-22 12:00
post: [poll Which tree for the market square? | Lime = 412 | Walnut = 305 | Gingko = 188 | No tree, more parking = 41] Advisory only, says the parks office, “but we do look”. {views 5120, forwards 77}
= 2026-01-23 12:00
post: Lime it is, by 412 to 305. Planting on 14 March, bring a spade. {views 3820, forwards 20, 🎉120}
= 2026-02-02 06:10
post: <b>A correction.</b> On Saturday we wrote that the mayor swam in the harbour “as every year”. It was her first time. She asks us to say that it was also the last. {views 4870, forwards 140, 😁201}
= 2026-02-10 19:40
post: ⚠️ <b>Storm surge warning</b>
    The hydrographic service expects up to <b>1.2 m above normal</b> in the night to Thursday, highest between 3 and 5 o'clock.
    |
    • move cars from the quay and from Fischergasse
    • secure bicycles, benches, boats
    • sandbags: depot behind the fire station, open all night {views 9230, forwards 1204, 🙏98}
= 2026-02-12 05:15
post: <b>Peak passed.</b> 3.18 m at 3:52, the highest since 1962. Fischergasse and the lower part of Salzstraße are under water. Nobody is hurt as far as we know. Please stay at home if you can. {views 11870, forwards 1430, 🙏210 ❤️94}
post: [album gazette-surge 5] The morning in Fischergasse. Photos: Hugo Bergström {views 10340, forwards 622, 😢188 ❤️75}
= 2026-02-12 11:00
post: <b>Helping hands</b> are needed at the library (books to be carried upstairs) and in Fischergasse 4 to 19 (pumps). Boots are not optional. Soup from noon at the fire station, cooked by the rowing club. {views 9810, forwards 905, ❤️310}
= 2026-02-13 16:20
post: 2,140 books carried, 61 got wet, 3 are lost. The library says thank you, and that the three were “not the good ones”. {views 7420, forwards 166, ❤️402 😁230}
= 2026-02-17 06:00
post: [video gazette-bench | 34] The bench from the quay has been found, 4 km to the east, on a sandbank, facing the sunset. There is a discussion whether it should stay. {views 8850, forwards 510, 😁340 ❤️290}
= 2026-02-27 17:30
post: <b>New association: Tidewatch e.V.</b>
    Seven people from the town want to build a gauge and an alarm before summer. The council pays for the mast. Why no one did this before? “We all thought that someone did,” says chair Mira Lindqvist.
    |
    More: https://tidewatch.example.org {views 5660, forwards 148, 🔥77 👍160, signed Karin Thode}
= 2026-03-06 06:00
post: <b>Three lines for the weekend</b>
    • Friday 19:30, cinema in the net shed: <i>The Lighthouse Keeper's Accordion</i>
    • Saturday 9:00, rubbish walk along the dyke, gloves are there
    • Sunday 15:00, chess in the waiting room, beginners welcome {views 3105, forwards 18, 👍52}
= 2026-03-14 13:10
post: [photo gazette-lime] The lime stands. It is 4.10 m high and was carried the last metres by 31 people who all had a different opinion about the left. {views 5230, forwards 90, ❤️260 🎉81}
= 2026-03-18 17:00
post: [place 54.3498 | 10.1402 | Bakery Jensen | Salzstraße 7] The oven is back. The queue reached the post office at 6:40. There is enough for everybody, breathe. {views 6020, forwards 133, 🔥144 😁97}
= 2026-03-28 18:00
post: Tonight the clocks go forward. The one on the town hall goes forward on Monday, when Mr. Aydin with the long ladder is back from holiday. {views 4410, forwards 75, 😁180}
= 2026-04-01 06:00
post: <b>From today, cycling on the quay is allowed only in the direction of the tide.</b>
    At slack water bicycles are to be pushed. {views 7730, forwards 811, 😁512 🤔29}
= 2026-04-02 06:00
post: Yesterday's post was a joke. The public order office asks us to say so, “also to the gentleman with the tide table on his handlebar”. {views 6540, forwards 204, 😁488}
= 2026-04-11 16:45
post: <b>Bridge on Mühlenweg open again</b>, two weeks early and 14,000 € under plan. We asked the builder how that could happen. “Somebody had read the report,” she said. {views 6980, forwards 240, 👏311}
= 2026-04-17 12:20
post: [link https://library.example.org/wet-books | Exhibition: 61 wet books | What water does to paper, and what paper does to water. In the town library until June. | Town Library] The 61 books of February have become an exhibition. Opening today, 18:00. {views 3980, forwards 66, ❤️140}
= 2026-04-24 06:00
post: <b>Three lines for the weekend</b>
    • Saturday 11:00, the rowing club lets you try (please be able to swim)
    • Saturday 20:00, net shed, the brass band plays film music
    • Sunday 8:00, bird walk on the dyke, 7 km, quiet shoes {views 3350, forwards 21, 👍61}
= 2026-05-03 10:00
post: [quiz x] Sunday question {views 2890, forwards 9}
= 2026-05-08 15:00
post: <b>Tomorrow at 11:00 the siren will sound. It is a drill.</b>
    231 people take part by phone. Everybody else: you need not do anything. Dogs: sorry. {views 8120, forwards 690, 👍190}
= 2026-05-09 16:00
post: [photo gazette-button] Drill passed: 214 of 231 phones rang within half a minute. The button was pressed by Gerda Petersen (83), who remembers the water of 1962. “It was time,” she says. {views 7760, forwards 301, ❤️488 👏120}
= 2026-05-20 17:30
post: <b>Council in four sentences</b>
    The swimming pool opens on 1 June. The price stays at 3 €. The kiosk gets a new tenant, who promises chips. The motion to rename the roundabout was postponed for the sixth time. {views 4890, forwards 80, 🎉96 😁71, signed Karin Thode}
= 2026-06-05 06:00
post: <b>Three lines for the weekend</b>
    • Saturday from 12:30, visitors from Nordhaven at the old pier, coffee and cake
    • Saturday 21:00, open-air cinema, bring a blanket
    • Sunday: nothing at all. It will be 26 degrees. {views 3620, forwards 31, ❤️99}
= 2026-06-12 17:10
post: [voice gazette-swifts | 31] Swifts over Salzstraße, 31 seconds, recorded at 21:40 yesterday. No news in it. {views 3010, forwards 122, ❤️344}
= 2026-06-18 06:30
post: The bench stays on the sandbank. The parks office has put it into the register as “Bench 112, tidal”. {views 8230, forwards 701, 😁410 ❤️377}
= 2026-06-23 12:00
post: [photo gazette-gulls] On the new alarm mast at the old pier two gulls have hatched. Until August the first level of the alarm is played “a little softer”, says the association. {views 6110, forwards 244, ❤️498 🐣133}
= 2026-06-26 18:00
post: We make a pause until 20 July. If something happens that cannot wait, we are here. If something happens that <i>can</i> wait, go for a swim. {views 5540, forwards 97, ❤️610 👍122}
"""
