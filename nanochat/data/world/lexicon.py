"""The words of the world, the more usual ones first in each table."""

ADJECTIVES = """
small old big little red round bright heavy soft shiny new long blue green plain warm clean yellow
tiny thin dusty strange white black quiet pretty good fine broken crooked brown dry wet cold
wooden golden silver smooth rough lovely sticky wobbly narrow wide flat sharp dull pale dark
grey purple orange pink striped spotted dotted painted polished patched faded rusty mossy muddy
sandy stony woolly feathery fluffy furry silky velvet leather paper copper brass iron tin clay
glass stone straw cotton linen marble amber ivory scarlet crimson emerald violet turquoise indigo
lilac rosy snowy frosty icy misty foggy cloudy sunny stormy windy breezy rainy dewy damp soggy
steaming smoking glowing gleaming twinkling sparkling glittering shimmering flickering blinking
humming ticking rattling creaking squeaking whistling jingling clattering buzzing rustling
bubbling dripping leaking drooping leaning sleeping dancing spinning floating folding winding
hollow empty full half-full loose tight bent twisted knotted tangled curly wavy pointed square
oval slanted upside-down sideways tall short slim stout chubby plump lumpy bumpy fuzzy fluted
smelly spicy salty sweet sour bitter minty peppery buttery crusty crispy crumbly chewy creamy
juicy ripe toasted roasted pickled candied sugared honeyed frozen melted burnt raw stale fresh
famous secret hidden lost forgotten borrowed stolen rare common ordinary peculiar curious odd
mysterious magic enchanted unlucky lucky useful useless handy clumsy elegant fancy humble noble
royal rustic foreign ancient antique modern homemade handmade store-bought second-hand spare
favourite precious priceless cheap expensive modest grand splendid magnificent marvellous
wonderful excellent perfect dreadful terrible horrible awful ugly handsome dainty delicate
fragile sturdy solid strong weak light weightless enormous gigantic huge colossal monstrous
immense mighty miniature pocket-sized thumb-sized bottomless endless seamless spotless speckled
freckled dappled marbled mottled checkered tartan embroidered quilted
knitted woven stitched mended darned tattered ragged threadbare moth-eaten chipped cracked
dented scratched scuffed worn weathered sunburnt bleached tarnished varnished lacquered gilded
jewelled beaded tasselled fringed frilly lacy ribboned buttoned laced unlaced untied unfinished
upturned overgrown underground seaside moonlit starlit sunlit candlelit windblown rain-washed
homesick ticklish sulky grumpy cheerful polite rude stubborn sleepy drowsy restless patient
"""

TEMPERS = """
kind shy brave clever gentle lazy merry quiet cheerful curious proud patient stubborn grumpy
careful careless thoughtful forgetful sleepy hungry friendly lonely honest modest vain wise foolish
nervous bold timid calm jolly serious dreamy nosy chatty silent hopeful gloomy grateful generous
stingy greedy fussy tidy untidy messy clumsy graceful nimble slow quick lively sprightly tireless
weary sulky cranky cross polite rude noble humble loyal faithful trusting suspicious crafty cunning
sly mischievous playful naughty obedient bashful blushing boastful bossy bumbling busy charming
chirpy civil considerate courteous dainty daring dashing dauntless dignified dizzy dutiful eager
earnest easygoing fearless fidgety fierce fretful frisky frugal gallant giggly gracious gruff
hardworking hasty headstrong helpful impatient inventive jaunty jumpy kindly likeable long-winded
lovable lovesick mild moody musical mysterious neighbourly optimistic peaceful pensive peppery
perky pessimistic plucky practical precise prim prudent punctual puzzled questioning resourceful
restless romantic scatterbrained secretive sensible sentimental shrewd snobbish sociable solemn
soft-hearted sorrowful stern strict superstitious sweet-tempered tactful talkative tender thrifty
touchy troubled truthful unhurried unlucky upright wary watchful whimsical wily wistful witty
worried yawning zealous
"""

THINGS = """
lantern kite drum ball basket key bell book hat flute kettle rope map ladder mirror blanket spoon
button boat clock candle ring box cup umbrella bucket broom scarf whistle pebble feather stool
jar coin doll puppet trumpet fiddle pillow compass telescope teapot wheel saddle anchor crown
comb brush pencil letter bottle barrel hammer needle thimble ribbon glove boot slipper coat cloak
apron pan pot plate bowl fork ladle jug rug cushion lamp marble top hoop horn harp banjo tambourine
wagon sled wheelbarrow oar sail net rake spade trowel watering-can flowerpot acorn shell statue
vase locket brooch bracelet medal flag banner mask wig bonnet
"""

ODDMENTS = """
chair table door window roof chimney fence gate shelf cupboard drawer cork nail screw spring
string thread yarn spool knot patch pocket sleeve collar button-box buckle shoelace sock stocking
mitten shawl vest waistcoat petticoat nightcap nightgown pyjama handkerchief napkin tablecloth
curtain carpet mattress hammock cradle bench sofa armchair footstool wardrobe trunk suitcase crate
hamper sack pouch purse wallet parcel envelope stamp postcard notebook diary ledger almanac atlas
dictionary inkwell quill crayon paintbrush easel palette chisel mallet saw plank peg hinge latch
bolt padlock doorbell doorknob doormat letterbox windowsill drainpipe weathercock sundial hourglass
pendulum cuckoo-clock alarm-clock thermometer barometer magnet magnifying-glass spyglass
monocle prism crystal gem ruby pearl diamond sapphire opal nugget fossil bone tooth horn-button
antler tusk claw whisker tail wing beak egg nest cobweb cocoon beehive honeycomb anthill molehill
puddle stream waterfall fountain pond ditch canal raft canoe dinghy ferry barge rowing-boat
lighthouse harbour pier dock bridge tunnel staircase balcony attic cellar pantry kitchen parlour
stable barn-door haystack scarecrow plough sickle scythe pitchfork wheelhouse windmill watermill
millstone anvil forge furnace oven stove grate poker coal-scuttle matchbox firework sparkler
bonfire torch chandelier candlestick snuffer bookmark bookcase library newspaper poster signpost
milestone crossroad carriage cart coach tricycle bicycle scooter stilt swing seesaw slide \
  skipping-rope
domino chessboard jigsaw riddle puzzle card dice token rattle teddy-bear rocking-horse tin-soldier
marionette accordion bagpipe bassoon bugle cello clarinet cymbal gong guitar harmonica lute lyre
mandolin oboe organ piano piccolo recorder triangle trombone tuba ukulele viola violin xylophone
sieve colander rolling-pin whisk grater peeler corkscrew nutcracker teaspoon saucer platter tureen
goblet tankard mug thermos lunchbox breadbin butter-dish cake-tin biscuit-tin pepper-mill \
  salt-cellar
egg-timer dustpan mop sponge soap towel washtub clothes-peg mangle iron-pan sewing-kit pincushion
tape-measure yardstick ruler protractor calculator abacus blackboard slate chalk satchel schoolbag
"""

FOODS = """
bread soup cheese honey cake pie jam porridge butter milk tea plum pear apple carrot onion turnip
cabbage pumpkin potato bean pea leek radish mushroom cherry raspberry strawberry blackberry
blueberry gooseberry elderberry apricot peach lemon orange-peel fig date grape raisin walnut
hazelnut chestnut almond peanut pancake waffle dumpling noodle pudding custard biscuit bun muffin
pretzel pastry tart doughnut gingerbread shortbread marzipan toffee fudge caramel liquorice
peppermint lollipop sherbet marmalade syrup treacle mustard vinegar pickle relish gravy stew broth
chowder omelette sausage ham kipper herring sardine trout-pie meatball rice barley oats semolina
polenta spinach lettuce celery cucumber tomato pepper aubergine beetroot parsnip swede cauliflower
broccoli asparagus artichoke garlic ginger cinnamon nutmeg saffron vanilla cocoa chocolate coffee
lemonade cider buttermilk yoghurt cream curd rhubarb quince melon pomegranate coconut banana
pineapple cranberry nettle dandelion watercress parsley thyme sage rosemary mint basil dill fennel
"""

BEASTS = """
cat dog horse cow goat pig hen duck goose sheep donkey mule ox bull calf lamb kid piglet kitten
puppy foal pony rooster turkey peacock swan dove sparrow robin wren thrush blackbird starling
magpie crow raven rook jay cuckoo woodpecker kingfisher nightingale lark swallow swift martin
finch bullfinch goldfinch linnet pigeon pheasant partridge quail grouse heron stork crane bittern
gull puffin cormorant pelican penguin albatross eagle hawk falcon kestrel buzzard vulture parrot
parakeet canary budgie toucan flamingo ostrich emu kiwi bat shrew vole dormouse weasel stoat
polecat ferret marten lynx boar elk reindeer bison buffalo camel llama alpaca elephant giraffe
zebra hippo rhino lion tiger leopard panther cheetah jackal hyena monkey ape gorilla baboon lemur
sloth armadillo anteater kangaroo koala wombat platypus walrus seal dolphin whale porpoise shark
salmon trout carp pike perch eel minnow tadpole newt lizard gecko chameleon crocodile alligator
tortoise turtle viper adder python crab lobster prawn shrimp oyster mussel limpet starfish
jellyfish octopus squid slug worm leech beetle ladybird cricket grasshopper locust mantis moth
butterfly caterpillar bumblebee wasp hornet ant termite spider tick flea midge gnat mosquito
dragonfly mayfly earwig woodlouse centipede millipede glow-worm
"""

PLANTS = """
oak apple-tree rose willow birch pine daisy fern ivy nettle-patch clover buttercup bluebell
foxglove poppy violet-bed primrose snowdrop crocus daffodil tulip lily iris orchid lavender heather
thistle bramble hawthorn hazel elder rowan ash elm beech maple chestnut-tree walnut-tree plum-tree
pear-tree cherry-tree fig-tree yew cedar spruce larch poplar alder holly mistletoe honeysuckle
jasmine lilac-bush marigold sunflower geranium begonia peony pansy cornflower forget-me-not cowslip
dandelion-clock toadstool moss-cushion reed bulrush water-lily duckweed cactus palm vine hop-plant
hedge thicket
"""

ADVERBS = """
slowly quickly quietly softly happily sadly loudly gently proudly politely bravely carefully
kindly gladly sweetly brightly warmly coldly calmly shyly boldly eagerly gravely solemnly merrily
cheerfully gloomily grumpily sleepily lazily busily briskly swiftly hastily suddenly patiently
impatiently nervously anxiously thoughtfully absently dreamily wistfully hopefully hopelessly
helplessly clumsily gracefully awkwardly crookedly stiffly loosely tightly firmly faintly dimly
hoarsely huskily shrilly musically rhythmically noisily silently secretly openly honestly
truthfully slyly cunningly mischievously playfully seriously earnestly sincerely dutifully
faithfully stubbornly obstinately reluctantly willingly cautiously recklessly fearlessly timidly
meekly modestly vainly grandly majestically magnificently splendidly beautifully horribly
dreadfully terribly awfully marvellously wonderfully mysteriously strangely oddly curiously
peculiarly foolishly wisely sensibly stupidly absurdly ridiculously elegantly daintily delicately
tenderly lovingly fondly courteously graciously generously sparingly thriftily steadily evenly
unevenly gradually presently punctually breathlessly tirelessly wearily
"""

NOISES = """
hummed sighed whispered creaked sang rattled whistled rang barked crowed yawned giggled snored
sneezed coughed grumbled mumbled muttered murmured chattered chirped twittered cooed clucked
quacked honked squawked screeched hooted howled growled purred meowed bleated mooed neighed brayed
grunted squealed squeaked croaked buzzed hissed rustled crackled fizzed popped bubbled gurgled
dripped splashed trickled pattered drummed thumped bumped banged clanged clinked jingled tinkled
chimed tolled tooted blared wheezed puffed panted groaned moaned wailed sobbed whimpered chuckled
cackled snickered laughed roared thundered rumbled boomed echoed shivered trembled quivered
flapped fluttered swished whooshed scratched scraped crunched munched slurped hiccuped
"""

MOVES = """
ran walked hurried wandered strolled marched trotted galloped skipped hopped jumped danced waltzed
tiptoed crept crawled slid slipped tumbled rolled climbed swam paddled rowed sailed drifted floated
flew glided soared sped dashed raced rushed scurried scampered scuttled bounded leapt limped
hobbled shuffled plodded trudged tramped strode stumbled staggered swayed zigzagged ambled
sauntered paraded pranced cantered waddled wriggled squeezed stomped
"""

TRADES = """
baker miller farmer fisher weaver potter smith tailor cobbler carpenter mason thatcher gardener
shepherd beekeeper cook teacher doctor nurse painter poet singer drummer piper juggler clown
captain sailor ferryman postman clerk judge mayor soldier guard king queen prince princess
duchess baron knight wizard witch giant dwarf fairy hermit pilgrim pedlar tinker chimney-sweep
lamplighter clockmaker hatter glover barber butcher grocer brewer cooper wheelwright
saddler tanner dyer spinner candlemaker soapmaker glassblower goldsmith locksmith tinsmith
bookbinder printer librarian mapmaker astronomer inventor explorer woodcutter charcoal-burner
hunter trapper goatherd milkmaid dairyman cheesemaker winemaker innkeeper stablehand coachman
messenger bellringer gravedigger nightwatchman signalman lighthouse-keeper
"""

FEELINGS = """
joy sorrow hope fear pride shame relief surprise wonder delight envy pity courage doubt worry
boredom hunger thirst homesickness longing anger patience tenderness gratitude curiosity
mischief excitement loneliness calm confusion embarrassment astonishment dismay despair dread
disappointment jealousy kindness sympathy suspicion stubbornness tiredness triumph glee
"""

SKIES = """
sunny rainy windy cloudy foggy snowy frosty stormy misty chilly breezy drizzly damp mild warm hot
cold cool grey golden silvery blustery gusty hazy murky icy freezing sweltering steamy showery
thundery dull bright clear still crisp dewy muggy overcast moonlit
"""

WEEKDAYS = """
Monday Tuesday Wednesday Thursday Friday Saturday Sunday
"""

MONTHS = """
January February March April May June July August September October November December
"""

GARMENTS = """
hat coat cap scarf apron cloak dress shirt jacket vest waistcoat sweater cardigan skirt kilt robe
gown tunic cape hood bonnet beret turban sash belt necktie bow-tie collar shawl poncho raincoat
nightshirt boot shoe slipper sandal clog sock stocking glove mitten muff wig crown veil ruff
"""

FEW = """
two three four five six seven eight nine ten eleven twelve
"""

ONSETS = ["b", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "z"]
VOWELS = ["a", "e", "i", "o", "u"]
SYLLABLES = " ".join(onset + vowel for onset in ONSETS for vowel in VOWELS)
CODAS = "n r l s m k t nd rn lk st mp"

EVERYDAY = """
house home room wall floor kitchen garden street road town village city school shop farm church
tree forest river lake sea hill mountain valley field island beach sky sun moon star earth world
water fire wind rain snow storm cloud summer winter spring autumn morning evening night day week
month year time hour minute today tomorrow yesterday man woman child boy girl baby mother father
sister brother son daughter uncle aunt friend neighbour family people person name head hair face
eye ear nose mouth tooth neck arm hand finger leg foot heart bread food meat fish fruit salt sugar
dinner supper lunch breakfast plate knife fork glass paper picture story song music word
letter number page line question answer game toy work money gold silver stone wood iron animal bird
mouse rabbit monkey tiger flower grass leaf seed sand dust smoke light dark colour red yellow green
blue black white brown good bad happy sad hot cold long short high low old young strong weak fast
slow hard easy right wrong true false first last next one two three four five six seven eight nine
ten eleven twelve hundred thousand and but not with from under over before after always never
perhaps because where there here what who how run walk jump swim fly eat drink sleep dream speak
read write learn teach think know see hear look find lose give take bring carry make build break
open close begin end love like want need hello goodbye thanks please computer machine engine train
plane car bicycle telephone radio camera language model token python program science history
strawberry raspberry banana orange kangaroo elephant chocolate butterfly
"""

GOODS = """
apple pear plum button pebble cookie shell feather nut bead carrot marble candle egg stamp flower
leaf bell card coin kite spoon muffin bun lemon acorn turnip onion ribbon pin cherry bean mushroom
pancake pretzel doughnut key bottle book hat sock
"""

BOXES = """
basket box bag jar crate sack drawer bowl tin bucket trunk barrel
"""

# Whom visitors like to hear a story about, those first who are asked for most; who of them is a
# woman, and who a man.
WISHED_FOR = """
girl boy dragon princess king pirate dog knight robot unicorn witch queen teacher farmer prince
traveller sailor wizard fairy mermaid child ghost doctor nurse dinosaur horse grandmother
grandfather pig giant kitten puppy elephant lion turtle monkey penguin astronaut detective woman man
thief soldier pilot captain policeman fisherman shopkeeper blacksmith programmer student scientist
hunter singer dancer clown judge bird whale hen cow snowman monster spider butterfly bee parrot
hamster giraffe dolphin shark crocodile panda kangaroo zebra octopus camel superhero cowboy vampire
ninja waiter pensioner
"""

WOMEN = """
girl princess queen witch woman fairy mermaid grandmother hen cow
"""

MEN = """
boy prince king knight pirate wizard man giant grandfather policeman fisherman blacksmith ferryman
postman
"""

ORDINALS = """
first second third fourth fifth sixth seventh eighth ninth tenth
"""

# What people ask to have spelled: words of every day, and those that many get wrong.
ASKED_WORDS = """
necessary definitely receipt separate rhythm beautiful restaurant birthday kitchen pancake umbrella
accommodate achieve address answer argument autumn balloon because before believe bicycle biscuit
breakfast brother building business calendar camera captain careful cemetery chicken children
chimney chocolate Christmas cinema circle colour committee computer conscience conscious country
cousin cupboard daughter December decide delicious different difficult dinner dinosaur disappear
disappoint discipline doctor eight elephant embarrass engineer enough environment exaggerate
excellent exciting existence experience family famous favourite February finally flower foreign
forty forward fourth Friday friend garden giraffe government grammar granddaughter grateful
guarantee guard guess guitar happened harvest height hippopotamus holiday honest hospital hundred
hungry immediately independent innocent interesting island January jealous jewellery juice keyboard
knife knight knowledge language laugh leisure library licence lightning listen lonely machine
maintenance marriage medicine million minute mirror mischievous Monday money monkey mother mountain
muscle mysterious naughty neighbour niece night ninety nothing noticeable November nurse occasion
occurred October often opinion opposite orange parliament peculiar people perhaps physical piece
planet pleasant poem police possess potato prefer princess privilege probably pronunciation
psychology purple quarter queen question queue quiet quite rainbow really recommend recipe remember
rhinoceros sandwich Saturday scared schedule school science scissors secretary September sentence
several shoulder sincerely sister soldier spaghetti special squirrel stomach straight strawberry
strength success sugar summer Sunday surprise suspicious teacher temperature theatre their thorough
thought thousand through thunder Thursday together tomorrow tongue treasure trouble Tuesday twelfth
twelve unfortunately unique unnecessary until usually vacuum vegetable vehicle village violin
vocabulary waiter watch weather Wednesday weekend weird welcome whether whistle window winter witch
wonderful wrist writing yacht yesterday yellow young zebra airport apple bakery banana beetroot
bottle bridge butter button candle carrot castle cherry church coffee cushion diamond donkey dragon
feather fireplace forest giant glasses goodbye grandmother grandfather hammer helicopter hello honey
horse jacket jungle kangaroo ladder lemon letter mermaid museum music newspaper number ocean onion
parrot peach pencil penguin pepper piano picture pigeon pillow pirate pizza pocket pumpkin puzzle
rabbit raspberry river robot rocket salad scarf sheep shower silver snowman spoon station stocking
story sunshine table telephone tiger tomato towel tractor train trousers turtle unicorn vanilla
volcano wagon wallet water wizard world porridge stethoscope luggage ambulance anniversary apartment
appearance appetite apologize appreciate architect athlete attention audience awkward bachelor
badminton bandage banquet barbecue battery beard beginning behaviour blackboard blanket blizzard
blossom boulder bouquet bracelet broccoli bruise bucket buffalo butterfly cabbage cactus calculator
carpenter carriage caterpillar cauliflower ceiling celebrate century certificate champion character
cheese chemistry chief choir cinnamon citizen classroom climate cloud coconut coincidence colleague
colourful comfortable compass competition complicated concert congratulations continue conversation
courage crocodile crown cucumber curious curtain custard dangerous dentist desert dessert dictionary
dolphin doubt drawer dream drought drum duckling dungeon eagle early earring earthquake eighth elbow
electricity emergency emperor energy enormous envelope equipment especially eventually exercise
expensive experiment explanation factory fairy faucet fence festival finger firefighter fisherman
flamingo fountain fragile freight frightened furniture gallery garage geography ghost gingerbread
gloves goldfish goose gorilla graceful gravity guest gymnastics hamster handkerchief handsome
hedgehog helmet heritage honesty horrible hotel humorous hurricane husband iceberg icicle imagine
important incredible injury insect instrument invitation invisible jaguar jigsaw journey judge
juggle kettle kitten kneel koala lamb lantern laptop laundry lavender lawyer leather legend lettuce
lieutenant lighthouse lizard lobster magazine magician magnificent manoeuvre marmalade mathematics
mattress mayor measure mechanic memory message microscope miracle mosquito motorcycle mushroom
musician mustard mystery nephew nightmare noodle nuisance ointment omelette opportunity orchestra
ostrich owl oyster paint palace panda parachute parade passenger patience peanut pearl pebble
permanent pharmacy photograph pineapple pirouette playground pneumonia pond popcorn porcelain
portrait postman prescription present prince professor pronounce pyjamas quarrel quiz raccoon
receive refrigerator religion remedy rescue reservoir rhyme ribbon rope roof sailor sausage
sculpture seagull seize shepherd shield shoelace shopkeeper silence skeleton sleigh sneeze soap
souvenir spinach sponge square staircase statue stranger submarine suitcase sunflower sweater
swimming syrup tablet tambourine teapot telescope tempo tenant thief thimble thirsty throat toast
tobacco toothbrush tortoise tournament traveller trumpet tulip twilight umpire unbelievable uncle
uniform universe vacation valley vase velvet vinegar visitor waffle walrus wardrobe waterfall whale
wheel wheelchair whisper wilderness windmill wolf woodpecker worm wrapped wrinkle xylophone yawn
yoghurt yolk youth zipper March April June July August dough seventeen physics
"""

# What visitors want in a story that nobody in the documents has, first what is wanted most.
WISHED_THINGS = """
cake cookie pie pizza biscuit sandwich apple flower suitcase treasure present star moon bone bicycle
balloon sword car ship train rose egg pumpkin carrot banana pancake cupcake sausage potato stone
diamond pearl necklace watch phone camera computer guitar piano violin football skateboard scooter
tent torch wand crystal magnet puzzle picture painting photo newspaper ticket wallet bag backpack
dress shoe sock jumper sweater mitten chair table bed sofa carpet toy teddy snowball nut seed leaf
lemon orange pear cherry strawberry mushroom lollipop muffin doughnut burger toolbox screwdriver
stethoscope thermometer secret song pen
"""

EVERYDAY_NAMES = """
Tom Anna Peter Maria John Sarah David Emma James Laura Jonas Marta Lisa Sophie Alex Chris Kate
Mark Alice Bob Daniel Eva Jack Maya Nick Olivia Robert Susan Tim Ahmed Wei Priya Carlos Fatima
Yuki Mia
"""
