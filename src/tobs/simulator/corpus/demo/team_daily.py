"""What the team talks about between the big days; woven into its history by date."""

PLAY = """
= 2026-01-15 12:10
anna: Is anybody else's bus late every single day this week?
ben>: Ice on the points at Mühlenweg. They salt at 6, the bus comes at 5:50.
anna>: Naturally. {😁3}
= 2026-01-17 10:30
mira: Which board do we take for the box? I only know that it should be boring.
ben>: Boring is a microcontroller with one serial port and no opinion. 6 €.
emi>: Does it have a watchdog?
ben>: It has a watchdog and I have a list of reasons. {👍3!}
~ 2
anna: Sorry, wrong chat 🙈
= 2026-01-23 08:20
hugo: The tide table of the office says 08:31, the one of the ferry 08:44. Both are printed.
emi>: One of them forgot that the pier is not the lighthouse. 13 minutes is about right for the channel.
hugo>: So both are true?
emi>: Both are true <i>somewhere</i>. {🤯3 😁2!}
= 2026-01-30 16:00
anna: Weekend question: how do you say “high water” so that nobody thinks of a flood?
ida>: “Full sea”, my grandmother said.
hugo>2: “In.” Just “in”. It is in, it is out.
anna: <b>In</b> and <b>out</b>. Hugo, that is the interface. {🔥5!}
= 2026-02-03 19:12
ben: Rain barrel test, 24 hours:
    - box outside: wet
    - box inside: dry
    - me: wet
emi>: Statistically consistent with you being outside the box.
= 2026-02-07 11:45
mira: I met the harbour master. She wants to see “one sheet of paper, big letters” before she says yes to the pile.
anna>: Sheet is done in an hour.
+ 70m
anna: [file one-sheet.pdf | 64] One sheet, big letters, one picture, one number (60 €).
mira>: Perfect. Sent.
+ 3h
mira: “Ok. Mind the seaweed.” That is a yes! 🎉 {🎉5}
= 2026-02-20 13:05
emi: Reading of the week: how people measured tides in 1830. A float in a well, a pen, a drum of paper, a boy who winds the clock every morning.
emi: [link https://example.org/history/self-registering-tide-gauge | The boy who wound the sea | How a clockwork, a float and a very reliable child gave us the first long series of sea levels. | Coast History]
hugo>: I want to be the boy. {😁4!}
ben>2: We replaced him by a watchdog. Poetic.
= 2026-03-01 10:22
jonas: Receipts, please, until the 5th. A photo is enough. A <b>sharp</b> photo. Ben, that means you.
ben>: [photo receipt-blurry]
jonas>: Is this a receipt or a horse?
ben: [photo receipt-sharp]
jonas>: Thank you. It was a horse of 12.40 €. {😁6!}
= 2026-03-05 07:41
ida: Good morning from the new one! I read the whole chat yesterday evening. I laughed, I learned, I know now about the 4.998.
mira>: Welcome to the club that reads the logs ❤️
~ 1
ida: Question: is there a list of words? I do not know “chart datum”, “constituent” and “rabbit hole”.
emi @words>: Let us start one:
    <b>Chart datum</b>: the zero of the map. The water hardly ever falls below it.
    <b>Constituent</b>: one of the sine waves that add up to the tide. The moon's big one is called M2.
    <b>Springs</b>: when sun and moon pull together, every two weeks.
hugo>: <b>Rabbit hole</b>: berths 1 to 14. Nobody knows why.
ida>: I love that this is part of the same list. #glossary {❤️5}
= 2026-03-11 18:18
anna: Dark mode is live. At night the page no longer lights up the bedroom of our testers (my mother).
anna: [album page-dark 2]
hugo>: Your mother is right. Which colour is the line?
anna>: <code>#7fb7d9</code>, officially “sky behind the crane”. {👍3 🎨2}
= 2026-03-17 09:09
ben: Cold night, −7°. Voltage went 12.9 → 12.6 and back. Solar panel woke up at 07:52. Nothing to report, which is the report. {👍4!}
= 2026-03-24 20:40
emi: Three days of data! The residual has a bump at 6.2 h, that is a shallow water tide (M4). The channel is bending the wave, as it should.
anna>: I understood “bump” and “should”.
emi>: A wave that runs over shallow ground falls over its own feet. M4 is the stumbling.
anna>: Now I have understood it, thank you. Can I put that on the page?
emi>: With the feet, yes. {❤️4}
= 2026-04-10 12:55
ida: School asks if class 5b may visit the pile. 24 children, two teachers, one of them afraid of water.
hugo>: At low tide, in boots, in two groups. I bring the old brass float.
mira: Insurance, Jonas?
jonas>: Covered. I asked before Ida asked.
ida>: How…?
jonas>: The teacher who is afraid of water is my sister. {😁7!}
= 2026-04-17 14:30
hugo: [photo class-5b] They asked 61 questions. The best one: “Where does the water go when it is out?”
emi>: To the other side. Honestly, that is the right answer.
hugo>: I said “to Emi”. {😁6! ❤️4}
= 2026-04-25 08:05
ben: Firmware 0.4.1:
    <pre bash>$ tidebox --version
    tidebox 0.4.1 "cautious optimism"
    $ tidebox selftest
    sensor   ok   (9 of 9)
    modem    ok   (-71 dBm)
    battery  ok   (12.94 V)
    clock    ok   (drift 0.3 s/day)</pre>
ben: It goes to the pile tonight at low water, over the air, with Hugo standing by, with a ladder, in the rain.
hugo>: “Over the air” means: I am the air. {😁6}
= 2026-05-02 17:00
anna: We have 1,000 visitors a day. One of them comes every minute, on the minute.
ben>: That is the brewery. They cool with sea water and want to know how far the inlet is under.
mira>: Did they ask?
ben: They did not. But there is a crate of lemonade at my door, with a drawing of a sine wave. {😁7 🍋3!}
= 2026-05-11 09:30
jonas: Thank-you letters after the drill: 9. Complaints: 1 (“the siren is in the wrong key”).
emi>: Which key is it?
jonas>: E flat. The brass band would prefer B flat, “for reasons of repertoire”.
mira: I put it on the agenda. Under “miscellaneous”. Far below. {😁8!}
= 2026-05-16 21:20
ida: Manual, chapter 3, who reads it? 900 words about lids.
anna>: Me.
ben>2: Me, I made the lids.
+ 14h
ben: “The lid wants to be closed by somebody who is not in a hurry.” Ida, this is literature. {❤️5!}
= 2026-05-27 06:58
hugo: Fog. I cannot see the pile from the pier. The page says 0.84 m. I believe the page. That is new. {❤️7!}
= 2026-06-03 15:15
mira: A journalist from the state radio calls on Friday. Who explains M4 in one sentence?
emi>: “The sea stumbles over the shallow ground, and we can hear it.”
mira>: You are hired.
anna: [audio radio-cut | The sea stumbles | Radio Küste] Here is what they made of it, 2:51, Emi starts at 1:10. {🔥8!}
= 2026-06-09 13:00
ben fwd=Sailing.Club.Nordhaven: Dear Tidewatch, our harbour master has measured the bracket three times and is now sure that the pile has moved. Is that possible?
hugo>: It is possible that the harbour master has moved.
emi>2: It is possible that the pile has. Ask for photos, with a ruler.
ida>: I write: “Both is possible. Please send photos, with a ruler.” Diplomacy is copy and paste. {😁6!}
= 2026-06-14 19:55
anna: What do we say about the neap tide on the page? People ask why “nothing happens” today.
emi>: “The moon and the sun pull in different directions today. Even the sea has such days.”
anna>: It is on the page. Word for word. {❤️9!}
= 2026-06-21 10:40
jonas: Half-year accounts are closed:
    <pre>income    4,430.00
    spent     3,871.16
    left        558.84</pre>
jonas: It was a pleasure. The jam jar is empty and goes back to Hugo.
hugo>: There was a ten in it.
jonas>: There was a ten in it. {😁8!}
= 2026-06-26 12:12
mira: Last workday before the summer break for most of you. I have read back to January, to the ice. Thank you. All of it was written down. {❤️9}
ben>: One decision a line. As ordered.
emi: おやすみ, and keep reading the logs 🌙 {❤️7!}
hugo: In. {😁5 🌊4!}
"""
