/**
 * The products of the demonstration world: six-digit codes laid out as HS lays them out, under everyday names of our own.
 * A family shares know-how (its products lie close together in the latent space of `world.ts`), a complexity and a price level.
 */
export interface Family {
  readonly name: string;
  /** capability that its products ask for, in [0, 1] */
  readonly complexity: number;
  /** the cosine of the latitude where it grows best; absent where climate does not matter */
  readonly warmth?: number;
  /** a typical product's trade, relative to the others' */
  readonly weight: number;
  /** typical unit value, USD per kilogram */
  readonly usdPerKg: number;
  /** one product a line: code, name */
  readonly products: string;
}

export interface DemoProduct {
  readonly code: string;
  readonly name: string;
  readonly family: Family;
}

const FAMILIES: readonly Family[] = [
  {
    name: 'meat and animals',
    weight: 10,
    complexity: 0.25,
    warmth: 0.75,
    usdPerKg: 5,
    products: `
      010121 breeding horses
      010229 cattle for rearing or slaughter
      010410 sheep on the hoof
      020130 beef off the bone, chilled
      020230 beef off the bone, frozen
      020329 pork cuts, frozen
      020442 lamb on the bone, frozen
      020714 chicken pieces, frozen
      021019 bacon and cured pork`,
  },
  {
    name: 'fish',
    weight: 7,
    complexity: 0.2,
    usdPerKg: 6,
    products: `
      030214 salmon, fresh and whole
      030342 yellowfin tuna, frozen and whole
      030475 pollock fillets, frozen
      030614 crab, frozen
      030617 warm-water shrimps, frozen
      030743 squid and cuttlefish, frozen
      030771 clams, live or chilled
      160413 tinned sardines
      160414 tinned tuna
      160521 peeled shrimps, cooked`,
  },
  {
    name: 'dairy, eggs and honey',
    weight: 8,
    complexity: 0.4,
    warmth: 0.65,
    usdPerKg: 3.5,
    products: `
      040120 drinking milk
      040210 skimmed milk powder
      040221 whole milk powder
      040310 yogurt
      040510 butter
      040610 mozzarella and other fresh cheese
      040690 ripened cheese
      040721 hen eggs in the shell
      040900 honey`,
  },
  {
    name: 'flowers and plants',
    weight: 2,
    complexity: 0.2,
    warmth: 0.98,
    usdPerKg: 6,
    products: `
      060110 flower bulbs, resting
      060240 rose bushes
      060311 cut roses, fresh
      060312 cut carnations, fresh
      060313 cut orchids, fresh
      060314 cut chrysanthemums, fresh
      060420 cut ferns and foliage, fresh`,
  },
  {
    name: 'vegetables',
    weight: 4,
    complexity: 0.12,
    warmth: 0.85,
    usdPerKg: 1.2,
    products: `
      070190 eating potatoes
      070200 tomatoes
      070310 onions and shallots
      070320 garlic bulbs
      070511 head lettuce
      070700 cucumbers and gherkins
      070920 asparagus spears
      070951 button mushrooms
      070960 sweet and hot peppers, fresh
      071320 chickpeas, dry
      071333 kidney beans, dry
      071340 lentils, dry
      071410 cassava roots`,
  },
  {
    name: 'fruit and nuts',
    weight: 6,
    complexity: 0.12,
    warmth: 0.93,
    usdPerKg: 2,
    products: `
      080132 cashew kernels
      080212 almond kernels
      080232 walnut kernels
      080390 dessert bananas
      080430 pineapples
      080440 avocados
      080450 mangoes and guavas
      080510 oranges
      080550 lemons and limes
      080610 table grapes
      080620 raisins and sultanas
      080810 apples
      080929 sweet cherries
      081010 strawberries
      081040 blueberries
      081050 kiwi fruit`,
  },
  {
    name: 'coffee, tea, cocoa and spices',
    weight: 5,
    complexity: 0.08,
    warmth: 1,
    usdPerKg: 4,
    products: `
      090111 green coffee beans
      090121 roasted coffee
      090210 green tea in small packs
      090240 black tea in bulk
      090411 peppercorns
      090421 dried chillies
      090510 vanilla pods
      090611 cinnamon sticks
      090710 cloves, whole
      091011 ginger root
      180100 cocoa beans
      180310 cocoa paste
      180400 cocoa butter
      180500 cocoa powder, unsweetened`,
  },
  {
    name: 'grains and oilseeds',
    weight: 10,
    complexity: 0.15,
    warmth: 0.8,
    usdPerKg: 0.5,
    products: `
      100199 milling wheat
      100390 barley grain
      100590 maize grain
      100630 white rice
      100790 sorghum grain
      110100 wheat flour
      110710 malt for brewing
      110812 maize starch
      120190 soya beans
      120242 peanuts, shelled
      120510 rape seed
      120600 sunflower seed
      120740 sesame seed
      120991 vegetable seed for sowing`,
  },
  {
    name: 'oils, sugar and feed',
    weight: 8,
    complexity: 0.18,
    warmth: 0.95,
    usdPerKg: 0.9,
    products: `
      150710 soya oil, crude
      150910 virgin olive oil
      151110 palm oil, crude
      151211 sunflower oil, crude
      151311 coconut oil, crude
      170114 raw cane sugar
      170199 white sugar
      170230 glucose syrup
      170490 sweets without cocoa
      230120 fish meal
      230400 soya cake for feed
      230910 dog and cat food`,
  },
  {
    name: 'prepared food and drink',
    weight: 9,
    complexity: 0.4,
    usdPerKg: 2.5,
    products: `
      180632 chocolate bars, plain
      190211 egg pasta
      190531 sweet biscuits
      190590 bread and cakes
      200290 tomato paste
      200410 frozen chips
      200799 jam and fruit purée
      200811 peanut butter and roasted peanuts
      200911 orange juice concentrate, frozen
      210111 instant coffee
      210390 sauces and seasonings
      210500 ice cream
      220110 bottled mineral water
      220210 soft drinks
      220300 beer
      220421 bottled wine
      220830 whisky
      220840 rum
      240120 tobacco leaf, stripped
      240220 cigarettes`,
  },
  {
    name: 'stone and ores',
    weight: 14,
    complexity: 0.15,
    usdPerKg: 0.3,
    products: `
      250100 salt
      250510 silica sand
      251010 phosphate rock
      251511 marble blocks
      251710 gravel and crushed stone
      252010 gypsum rock
      252329 grey cement
      260111 iron ore fines
      260300 copper concentrate
      260400 nickel ore
      260600 bauxite
      260700 lead concentrate
      260800 zinc concentrate
      261000 chrome ore
      261400 titanium sands`,
  },
  {
    name: 'energy',
    weight: 110,
    complexity: 0.25,
    usdPerKg: 0.5,
    products: `
      270112 steam and coking coal
      270400 coke from coal
      270900 crude oil
      271012 petrol and naphtha
      271019 diesel and fuel oil
      271111 liquefied natural gas
      271112 propane
      271121 pipeline gas`,
  },
  {
    name: 'basic chemicals and fertilisers',
    weight: 14,
    complexity: 0.55,
    usdPerKg: 0.8,
    products: `
      280700 sulphuric acid
      281410 ammonia
      281512 caustic soda solution
      281820 alumina
      282300 titanium white
      283620 soda ash
      284700 hydrogen peroxide
      290121 ethylene
      290220 benzene
      290250 styrene
      290511 methanol
      290531 ethylene glycol
      291521 acetic acid
      310210 urea fertiliser
      310420 potash
      310530 diammonium phosphate`,
  },
  {
    name: 'medicines',
    weight: 60,
    complexity: 0.85,
    usdPerKg: 90,
    products: `
      293627 vitamin C
      294110 penicillins in bulk
      300215 antibody medicines in doses
      300220 vaccines for people
      300431 insulin in doses
      300490 tablets and other medicines in doses
      300510 sticking plasters
      300630 X-ray contrast agents`,
  },
  {
    name: 'paints, soaps and household chemicals',
    weight: 10,
    complexity: 0.6,
    usdPerKg: 4,
    products: `
      320619 titanium pigments
      320820 acrylic paint with solvent
      320910 water-based wall paint
      321511 black printing ink
      330129 essential oils
      330300 perfume
      330499 skin cream
      330510 shampoo
      330610 toothpaste
      340111 toilet soap
      340220 washing powder
      340600 candles
      350610 glue in small packs
      360410 fireworks
      380892 fungicides
      380893 weed killers`,
  },
  {
    name: 'plastics and rubber',
    weight: 18,
    complexity: 0.6,
    usdPerKg: 2.5,
    products: `
      390120 dense polyethylene pellets
      390210 polypropylene pellets
      390410 PVC resin
      390760 bottle-grade polyester chips
      391723 PVC pipe
      392010 polyethylene film
      392321 carrier bags
      392330 plastic bottles
      392410 plastic tableware
      392690 small plastic parts
      400122 natural rubber blocks
      401110 car tyres
      401120 lorry tyres
      401519 rubber gloves`,
  },
  {
    name: 'leather goods',
    weight: 8,
    complexity: 0.3,
    usdPerKg: 25,
    products: `
      410411 wet-blue leather
      410712 finished grain leather
      420212 suitcases with a plastic shell
      420221 leather handbags
      420231 wallets
      420310 leather jackets
      420330 leather belts`,
  },
  {
    name: 'wood and paper',
    weight: 10,
    complexity: 0.4,
    usdPerKg: 1,
    products: `
      440122 hardwood chips
      440710 softwood boards
      440729 tropical hardwood boards
      440890 hardwood veneer
      441011 chipboard
      441233 hardwood plywood
      441820 wooden doors
      450310 wine corks
      460212 rattan baskets
      470321 bleached softwood pulp
      480100 newsprint
      480256 copy paper
      480411 kraft liner
      481810 toilet paper
      481910 cardboard boxes
      490199 printed books`,
  },
  {
    name: 'yarns, fabrics and home textiles',
    weight: 6,
    complexity: 0.3,
    usdPerKg: 5,
    products: `
      500200 raw silk
      510111 shorn wool, greasy
      520100 raw cotton
      520512 cotton yarn
      520942 denim
      530310 jute fibre
      540233 textured polyester yarn
      550320 polyester staple
      560312 light nonwovens
      570110 hand-knotted carpets
      570242 woven carpets
      580632 ribbons
      600622 dyed cotton jersey
      630140 synthetic blankets
      630221 printed bed linen
      630260 terry towels
      630533 woven plastic sacks
      630900 second-hand clothes`,
  },
  {
    name: 'clothing',
    weight: 14,
    complexity: 0.22,
    usdPerKg: 18,
    products: `
      610463 women's stretch trousers
      610510 polo shirts
      610610 women's jersey blouses
      610711 men's cotton briefs
      610910 cotton T-shirts
      611020 cotton jumpers
      611030 acrylic jumpers
      611120 babies' cotton clothes
      611595 cotton socks
      620193 men's anoraks
      620342 men's cotton trousers
      620443 women's synthetic dresses
      620462 women's jeans
      620520 men's cotton shirts
      620640 women's synthetic blouses
      621210 bras
      621410 silk scarves`,
  },
  {
    name: 'shoes and accessories',
    weight: 9,
    complexity: 0.3,
    usdPerKg: 16,
    products: `
      640219 football boots
      640299 plastic sandals
      640319 leather sports shoes
      640340 safety shoes
      640391 leather ankle boots
      640399 leather shoes
      640411 canvas trainers
      640419 textile slippers
      650500 knitted hats
      650610 crash helmets
      660191 folding umbrellas
      670290 artificial flowers`,
  },
  {
    name: 'ceramics, glass and jewellery',
    weight: 12,
    complexity: 0.4,
    usdPerKg: 3,
    products: `
      680221 polished marble slabs
      681091 precast concrete parts
      690721 glazed floor tiles
      691010 porcelain sinks
      691110 porcelain tableware
      700529 float glass
      700721 laminated windscreens
      701090 glass bottles
      701337 drinking glasses
      701939 glass wool
      710239 cut diamonds
      710691 silver bars
      710812 gold bars
      711319 gold jewellery
      711719 costume jewellery`,
  },
  {
    name: 'metals and metal goods',
    weight: 22,
    complexity: 0.5,
    usdPerKg: 2.5,
    products: `
      720110 pig iron
      720421 stainless scrap
      720839 hot-rolled coil
      721049 galvanised sheet
      721420 reinforcing bar
      721933 stainless sheet
      730511 welded line pipe
      730890 steel structures
      731815 bolts and screws
      732393 stainless kitchenware
      740311 copper cathode
      740811 copper wire rod
      750210 refined nickel
      760110 aluminium ingot
      760421 hollow aluminium profiles
      760612 aluminium sheet
      761510 aluminium pans
      790111 refined zinc
      820559 hand tools
      821192 kitchen knives
      830140 door locks`,
  },
  {
    name: 'machinery',
    weight: 40,
    complexity: 0.85,
    usdPerKg: 22,
    products: `
      840734 petrol engines for cars
      840820 diesel engines for vehicles
      841112 large jet engines
      841370 centrifugal pumps
      841430 refrigerator compressors
      841510 split air conditioners
      841810 fridge-freezers
      842129 liquid filters
      842230 bottling and packing machines
      842720 fork-lift trucks
      842952 excavators
      843351 combine harvesters
      844331 printers that copy
      845011 washing machines
      845210 household sewing machines
      845811 computer-controlled lathes
      847130 laptop computers
      847150 computer processing units
      847170 disks and storage drives
      847330 computer parts
      848180 taps and valves
      848620 chip-making machines`,
  },
  {
    name: 'electronics and electrical goods',
    weight: 60,
    complexity: 0.75,
    usdPerKg: 45,
    products: `
      850110 small electric motors
      850231 wind turbines
      850423 large transformers
      850440 chargers and power supplies
      850650 lithium button cells
      850760 rechargeable lithium batteries
      851650 microwave ovens
      851712 mobile phones
      851762 routers and modems
      851821 loudspeakers
      852580 cameras
      852852 computer monitors
      852872 television sets
      853400 printed circuit boards
      853650 switches
      853710 control panels
      853950 LED bulbs
      854140 solar panels
      854231 processor chips
      854232 memory chips
      854430 wiring harnesses
      854470 optical fibre cable`,
  },
  {
    name: 'vehicles, ships and aircraft',
    weight: 50,
    complexity: 0.8,
    usdPerKg: 14,
    products: `
      860900 shipping containers
      870120 articulated lorry tractors
      870210 diesel buses
      870323 cars, petrol, medium engine
      870324 cars, petrol, large engine
      870332 cars, diesel, medium engine
      870380 electric cars
      870422 medium diesel lorries
      870829 car body parts
      870840 gearboxes
      870850 drive axles
      870899 other vehicle parts
      871120 small motorcycles
      871200 bicycles
      871639 goods trailers
      880240 large aeroplanes
      880330 aeroplane parts
      890190 cargo ships
      890392 motor yachts`,
  },
  {
    name: 'instruments and watches',
    weight: 20,
    complexity: 0.9,
    usdPerKg: 150,
    products: `
      900150 plastic spectacle lenses
      900311 plastic spectacle frames
      900410 sunglasses
      901812 ultrasound scanners
      901813 magnetic resonance scanners
      901831 syringes
      902110 splints and braces
      902131 artificial joints
      902214 medical X-ray machines
      902610 flow and level meters
      902780 laboratory analysers
      903289 automatic controllers
      910111 gold wristwatches
      910221 automatic wristwatches
      920110 upright pianos`,
  },
  {
    name: 'furniture, toys and sundries',
    weight: 14,
    complexity: 0.4,
    usdPerKg: 6,
    products: `
      940161 sofas
      940340 kitchen furniture
      940350 bedroom furniture
      940421 foam mattresses
      940510 ceiling lamps
      950300 toys
      950450 game consoles
      950510 Christmas decorations
      950662 footballs
      950691 gym equipment
      960321 toothbrushes
      960810 ballpoint pens
      960910 pencils
      961900 nappies
      970110 paintings`,
  },
];

/**
 * `count` products, ascending by code. Fewer than all are taken evenly over the list, so that every family keeps its share.
 * Throws RangeError beyond the number that exist.
 */
export function demoProducts(count: number = ALL.length): DemoProduct[] {
  if (!(count >= 1 && count <= ALL.length))
    throw new RangeError(`demoProducts: ${count} products asked for, 1 to ${ALL.length} exist`);
  return Array.from({ length: count }, (_, n) => ALL[Math.floor((n * ALL.length) / count)]!);
}

const ALL: readonly DemoProduct[] = FAMILIES.flatMap((family) =>
  family.products
    .trim()
    .split('\n')
    .map((line) => {
      const [, code, name] = /^\s*(\d{6}) (.+)$/.exec(line)!;
      return { code: code!, name: name!, family };
    }),
).sort((a, b) => (a.code < b.code ? -1 : 1));
