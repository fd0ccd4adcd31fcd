"""The team that builds a tide gauge for a small harbour: April to June 2026."""

PLAY = """
= 2026-04-01 07:30
hugo: Sad news: a seal has eaten the sensor.
mira>: What
hugo>: [photo seal-on-quay] Suspect in custody.
anna: I was already writing to the insurance 😤
jonas>: I was already reading the policy. Seals are not excluded.
hugo>5: First of April 🐟 {😁7! 💩1}
= 2026-04-07 16:44
ben: Strange thing: each day between 11:50 and 12:10 the level drops by 4 cm. Not tide, not ferry.
    <pre>11:48  1.331
    11:52  1.290
    11:58  1.288
    12:09  1.291
    12:12  1.330</pre>
emi>: Sun on the housing? The speed of sound grows with temperature: 10 K give about 1.8 %, on 2.3 m of air that is 4 cm. It fits too well.
ben>: But I correct for temperature.
emi>: With a thermometer that sits <i>where</i>?
ben>: …inside the dark box, behind the battery.
emi>: There it is. {🤯4 👏5!}
ben: I move it into the shade under the lid. Thank you, physics.
= 2026-04-08 18:05
ben: Moved. For the record, and for whoever builds the next one:
    |
    <q>Put the thermometer into the air that the sound travels through, not into the box.</q>
    |
    One evening of thinking, one euro of cable. #lessons
mira>: Please collect these under #lessons, all of you. They will be the best part of the manual.
= 2026-04-15 11:20
anna @alarm: Alarm, draft of the texts. Please be picky, this wakes people at night:
    |
    <b>Level 1</b>: Water will reach the low berths at about 03:40. Please check your lines.
    <b>Level 2</b>: Water will stand on the quay at about 03:40. Please move cars and bicycles.
    <b>Level 3</b>: Flood. Stay away from the quay. Call 112 if people are in danger.
ida>alarm: Add what it is <i>not</i>: “You need not do anything else.” That lets people go back to sleep.
hugo>alarm: “low berths” nobody says. We say the rabbit hole.
anna>: I cannot write “the rabbit hole” into an official alarm.
hugo>: Then nobody moves their boat.
mira>2: “Water will reach berths 1–14 (‘rabbit hole’)”. {👍6!}
emi>alarm: And a time always with the date. 03:40 tonight or tomorrow night?
anna>: Taken, all of it. {edit 12m}
= 2026-04-22 20:31
jonas: The second half of the money is there. 1,900 € with the subject “tidal watch thing”.
mira>: Our official name from now on.
* mira renames Tidal Watch Thing
ben: 😂😂
ida: I already ordered the stickers with the other name!
* mira renames Tidewatch
mira>: Sorry. It was worth it. {😁6!}
= 2026-04-29 17:10
ben @drill: [poll When do we test the alarm with real people? | Sat 9 May, 11:00 = 6 | Sat 16 May, 11:00 = 3 | At 3 in the morning, for science = 1]
ida: Who voted for 3 in the morning?
emi>: For me that is 10 a.m., I did not read to the end. {😁7}
= 2026-05-04 09:00
mira: [todo Before the test on Saturday | x Write to the harbour office | x Tell the fire brigade that it is a drill | Print the phone list | Charge the siren | Bake something (Ida) | Tell Hugo's neighbour, she has a weak heart]
ida>: Why is my name the only one on it?
anna>: Because your cake is the only thing on that list that cannot go wrong.
+ 5h
hugo: Neighbour is informed. She wants to press the button herself.
mira>: She shall.
= 2026-05-09 11:00
mira: Now.
+ 1m
jonas: Got it, 11:00:09.
anna: 11:00:08!
ben: 11:00:31, but I am in the tunnel of the ring road.
ida: Nothing here.
hugo: Siren works. I repeat: the siren WORKS. Also I need new ears.
ida>2: 11:04:50. Phone was in flight mode. Note to self.
emi: 11:00:09 from the other side of the planet 🌏
mira: [photo button] And this is Frau Petersen, 83, who pressed it. She asks when the next one is. {❤️9! 😁5}
+ 3h
anna @result: Result: 214 of 231 phones within 30 seconds, 9 later, 8 not at all (6 wrong numbers, 1 flight mode, 1 unknown).
jonas>result: One unknown is the honest sort of number.
emi>result: 96 % in 40 s. For a first try that is a small miracle. {🎉7!}
= 2026-05-13 19:25
ben: While we celebrate: I read the whole log of the day. There were two gaps of 40 seconds, at 11:07 and 11:09. The box restarted.
emi>: Brown-out? The modem draws a lot when 231 messages go out.
ben>: 12.9 V before, 9.8 V after. Yes. A bigger capacitor, 3 €.
mira>: Good that it happened at 11:07 on a drill and not at 03:40. Thank you for reading logs that nobody asked you to read. {❤️5!}
ben: #lessons The moment when everything works is the moment to read the log.
= 2026-05-19 08:08
ida: [photo nordhaven-letter] Nordhaven said yes! They fund a second box and want to come for a visit on 6 June, eleven people, by boat of course.
hugo: I need the tide for that 😏
emi>: 6 June, high water 14:26, 1.9 m. They fit under the bridge until 12:50.
hugo>: This is the first time that the thing has been useful to me. Write that into the minutes.
jonas>: Written. {😁6!}
= 2026-05-23 13:55
anna: Question for the lawyers among us (Jonas): may we publish the raw data?
jonas>: Yes, it is ours, it is water, water has no personality rights. Take CC BY 4.0 and name the association.
emi: I put a new file each night: https://tidewatch.example.org/data/ with a <code>README</code> that says what each column is.
emi: [link https://tidewatch.example.org/data/ | Tidewatch: open data | One reading a minute since March 2026, UTC, metres over chart datum. | Tidewatch]
ben>2: Somebody downloaded it already. Four times. From an address in New Zealand.
anna>: Hello, New Zealand 👋 {👋5!}
= 2026-06-01 18:40
mira: Half a year! Let me count: 2 sensors alive, 1 eaten by Ben, 112,000 readings, 1 real alarm-free spring, 0 people in the water.
hugo>: 1 in the water. 14 April. We agreed not to talk about it.
mira>: 1 person in the water. {😁8!}
= 2026-06-06 12:31
ida: They are under the bridge! All eleven!
ida: [album nordhaven-visit 6] The whole afternoon in six pictures. The last one is Frau Petersen explaining the siren.
anna: Their treasurer and our treasurer have been talking about rounding for an hour. Send help.
jonas>: Do not send help. {😁7! ❤️4}
= 2026-06-11 21:03
emi: I have something to show. Forecast error, all tides since the box is up:
    <pre>           mean    95 %
    March      6.1 cm  14.9 cm
    April      4.0 cm   9.2 cm
    May        2.7 cm   6.6 cm
    June       2.4 cm   5.8 cm</pre>
emi: Half of the gain is wind. The other half is Ben's thermometer.
ben>: I would like to thank the sun for shining at noon. {👏6!}
mira: May I put this table into the report for the council?
emi>: With the 95 % column, please. The mean flatters.
= 2026-06-16 07:17
hugo: [round gulls-at-seven]
hugo: They have built a nest on the mast. Two eggs. Nobody touches anything up there until August.
ida>: So the siren…
hugo>: …is ABOVE the nest, yes.
anna: We have two more families who need a gentle first level then 🐣 {🐣6! ❤️5}
= 2026-06-19 16:48
mira: Summer plan, last call:
    - <b>July</b>: second box goes to Nordhaven (Ben, Hugo)
    - <b>July</b>: manual, all #lessons in one place (Ida, Anna)
    - <b>August</b>: nothing. I mean it. Swim.
    - <b>September</b>: talk at the coast conference (Emi) {pin, 👍7!}
* mira pins
emi: The talk is in English, 20 minutes, and they asked for “a live demo”. What could possibly go wrong.
ben>: #lessons
anna: [sticker 🤞]
= 2026-06-23 05:45
hugo: [photo eggs-hatched] Good morning. We are nine now. {❤️11! 🐣7}
ida: Names?!
emi>: Mean and Median. {😁10!}
mira>2: That goes into the minutes as well.
jonas>: Already there.
"""
